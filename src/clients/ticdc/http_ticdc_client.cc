#include "clients/ticdc/http_ticdc_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "clients/http/base_urls.h"
#include "clients/http/noted.h"
#include "clients/ticdc/ticdc_errors.h"
#include "clients/ticdc/ticdc_json.h"

namespace bdrmesh {
namespace {

using namespace std::chrono_literals;

// While an owner dies, nodes hold a question for up to 15 s (measured §3, 17); a create connects to
// the sink first.
constexpr Millis kReadPatience = 30s;
constexpr Millis kCreatePatience = 75s;
constexpr Millis kSlowPatience = 90s;  // pause and delete wait for operators
constexpr Millis kShortestTry = 1s;

std::string feed_path(const ChangefeedId& id) { return "/api/v2/changefeeds/" + id.value(); }

Secret body_of(const Json& json) {
  return Secret(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool try_next_node(const HttpAnswer& answer, bool changes) {
  if (answer.outcome == HttpOutcome::never_connected) return true;
  return answer.outcome == HttpOutcome::lost && !changes;
}

}  // namespace

struct HttpTicdcClient::Ask {
  HttpMethod method = HttpMethod::get;
  std::string path;
  std::string doing;
  Secret body;
  Millis patience = kReadPatience;
  bool changes = false;

  static Ask question(std::string path, std::string doing) {
    return {HttpMethod::get, std::move(path), std::move(doing), {}, kReadPatience, false};
  }
};

HttpTicdcClient::HttpTicdcClient(std::vector<std::string> base_urls, TlsFiles tls,
                                 const Clock& clock, std::string label)
    : base_urls_(std::move(base_urls)),
      http_(std::move(tls), clock),
      clock_(clock),
      label_(std::move(label)) {}

HttpTicdcClient::Told HttpTicdcClient::send(const Ask& ask, const Call& call) const {
  if (base_urls_.empty())
    throw Error(ErrorKind::invalid, "NO_SERVERS", "no TiCDC address is configured");
  Told told;
  const std::size_t first = first_;
  for (std::size_t i = 0; i < base_urls_.size(); ++i) {
    const std::size_t node = (first + i) % base_urls_.size();
    HttpRequest request{ask.method, join_url(base_urls_[node], ask.path), ask.body, ask.patience};
    // A node that hangs must leave time for the others, when asking again does no harm.
    const auto nodes_left = static_cast<std::int64_t>(base_urls_.size() - i);
    if (!ask.changes && nodes_left > 1) {
      const auto left = std::chrono::duration_cast<Millis>(call.deadline - clock_.mono());
      request.patience = std::clamp(left / nodes_left, kShortestTry, ask.patience);
    }
    told = {send_noted(http_, label_, request, call, clock_), base_urls_[node]};
    if (told.answer.outcome == HttpOutcome::answered) first_ = node;
    if (!try_next_node(told.answer, ask.changes)) break;
  }
  return told;
}

std::string HttpTicdcClient::require(const Ask& ask, const Call& call) const {
  Told told = send(ask, call);
  if (told.answer.ok()) return std::move(told.answer.body);
  throw ticdc_error(told.answer, {told.url, ask.doing, ask.changes});
}

TicdcServer HttpTicdcClient::server(const Call& call) {
  return read_ticdc_server(
      require(Ask::question("/api/v2/status", "read the server's status"), call));
}

bool HttpTicdcClient::healthy(const Call& call) {
  const Ask ask = Ask::question("/api/v2/health", "read its health");
  const Told told = send(ask, call);
  if (told.answer.ok()) return true;
  if (told.answer.outcome == HttpOutcome::answered && told.answer.status >= 500) return false;
  throw ticdc_error(told.answer, {told.url, ask.doing, false});
}

std::vector<FeedSummary> HttpTicdcClient::list(const Call& call) {
  return read_feed_list(
      require(Ask::question("/api/v2/changefeeds?state=all", "list changefeeds"), call));
}

std::optional<FeedDetail> HttpTicdcClient::find(const ChangefeedId& id, const Call& call) {
  const Ask ask = Ask::question(feed_path(id), "read changefeed " + id.value());
  const Told told = send(ask, call);
  if (told.answer.ok()) return read_feed_detail(told.answer.body);
  if (says_no_such_feed(told.answer)) return std::nullopt;
  throw ticdc_error(told.answer, {told.url, ask.doing, false});
}

std::optional<FeedStatus> HttpTicdcClient::status(const ChangefeedId& id, const Call& call) {
  const Ask ask =
      Ask::question(feed_path(id) + "/status", "read the status of changefeed " + id.value());
  const Told told = send(ask, call);
  if (told.answer.ok()) return read_feed_status(told.answer.body);
  if (says_no_such_feed(told.answer)) return std::nullopt;
  throw ticdc_error(told.answer, {told.url, ask.doing, false});
}

void HttpTicdcClient::create(const CreateFeed& feed, const Call& call) {
  const Json body{
      {"changefeed_id", feed.id.value()},
      {"start_ts", feed.start_ts.value()},
      {"sink_uri", feed.sink_uri.reveal()},
      // null would panic the handler (ticdc-api §1.5.1).
      {"replica_config", feed.replica_config.is_null() ? Json::object() : feed.replica_config}};
  require({HttpMethod::post, "/api/v2/changefeeds", "create changefeed " + feed.id.value(),
           body_of(body), kCreatePatience, true},
          call);
}

void HttpTicdcClient::update(const ChangefeedId& id, const std::optional<Secret>& sink_uri,
                             const Json& replica_config, const Call& call) {
  Json body = Json::object();
  if (sink_uri) body["sink_uri"] = sink_uri->reveal();
  if (!replica_config.is_null()) body["replica_config"] = replica_config;
  require({HttpMethod::put, feed_path(id), "update changefeed " + id.value(), body_of(body),
           kCreatePatience, true},
          call);
}

void HttpTicdcClient::pause(const ChangefeedId& id, const Call& call) {
  require({HttpMethod::post,
           feed_path(id) + "/pause",
           "pause changefeed " + id.value(),
           {},
           kSlowPatience,
           true},
          call);
}

void HttpTicdcClient::resume(const ChangefeedId& id, const Call& call) {
  // Classic refuses an empty body (ticdc-api §1.5.7).
  require({HttpMethod::post, feed_path(id) + "/resume", "resume changefeed " + id.value(),
           Secret("{}"), kCreatePatience, true},
          call);
}

void HttpTicdcClient::remove(const ChangefeedId& id, const Call& call) {
  require({HttpMethod::remove,
           feed_path(id),
           "delete changefeed " + id.value(),
           {},
           kSlowPatience,
           true},
          call);
}

EligibleTables HttpTicdcClient::verify_table(Tso start_ts, const Secret& sink_uri,
                                             const Json& replica_config, const Call& call) {
  // Without a start_ts both families look at the snapshot 0 and fail (measured §3, 14).
  const Json body{{"start_ts", start_ts.value()},
                  {"sink_uri", sink_uri.reveal()},
                  {"replica_config", replica_config.is_null() ? Json::object() : replica_config}};
  return read_eligible_tables(
      require({HttpMethod::post, "/api/v2/verify_table", "list the eligible tables", body_of(body),
               kCreatePatience, false},
              call));
}

Tso HttpTicdcClient::tso(const Call& call) {
  return read_ticdc_tso(require(
      {HttpMethod::post, "/api/v2/tso", "take a TSO", Secret("{}"), kReadPatience, false}, call));
}

TicdcTraits HttpTicdcClient::traits(const Call& call) {
  const Ask ask = Ask::question("/config", "read the server's configuration");
  const Told told = send(ask, call);
  if (told.answer.ok()) return read_ticdc_traits(told.answer.body);
  // Came with v8.0 and, in the new architecture, v8.5.5 (ticdc-api §1.4).
  if (told.answer.outcome == HttpOutcome::answered && told.answer.status < 500) return {};
  throw ticdc_error(told.answer, {told.url, ask.doing, false});
}

}  // namespace bdrmesh
