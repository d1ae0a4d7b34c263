#include "clients/ticdc/ticdc_json.h"

#include "base/error.h"
#include "base/json.h"
#include "clients/mask.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kLongestMessage = 600;

[[noreturn]] void bad_answer(const std::string& what) {
  throw Error(ErrorKind::invalid, "TICDC_BAD_ANSWER", "unexpected answer of TiCDC: " + what);
}

Json object_in(std::string_view body, const char* what) {
  Json value = Json::parse(body, nullptr, false);
  if (!value.is_object()) bad_answer(std::string(what) + " is no JSON object");
  return value;
}

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_string()) bad_answer(std::string(key) + " is no text");
  return found->get<std::string>();
}

/// Positions are above 2^53: an integer or nothing (ticdc-api §1.3).
std::uint64_t number(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return 0;
  if (!found->is_number_unsigned()) bad_answer(std::string(key) + " is no unsigned integer");
  return found->get<std::uint64_t>();
}

std::uint64_t required_number(const Json& object, const char* key) {
  if (!object.contains(key)) bad_answer(std::string(key) + " is missing");
  return number(object, key);
}

std::string required_text(const Json& object, const char* key) {
  std::string value = text(object, key);
  if (value.empty()) bad_answer(std::string(key) + " is missing");
  return value;
}

std::optional<FeedError> feed_error(const Json& feed, const char* key) {
  const auto found = feed.find(key);
  if (found == feed.end() || found->is_null()) return std::nullopt;
  if (!found->is_object()) bad_answer(std::string(key) + " is no object");
  return FeedError{text(*found, "code"), mask_values(text(*found, "message")),
                   text(*found, "time")};
}

std::vector<TableName> table_names(const Json& object, const char* key) {
  std::vector<TableName> out;
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return out;
  if (!found->is_array()) bad_answer(std::string(key) + " is no list");
  for (const Json& table : *found) {
    if (!table.is_object()) bad_answer(std::string(key) + " holds no objects");
    out.push_back({text(table, "database_name"), required_text(table, "table_name")});
  }
  return out;
}

}  // namespace

std::vector<FeedSummary> read_feed_list(std::string_view body) {
  const Json list = object_in(body, "the list of changefeeds");
  std::vector<FeedSummary> out;
  const auto items = list.find("items");
  if (items == list.end()) bad_answer("items is missing");
  if (items->is_null()) return out;
  if (!items->is_array()) bad_answer("items is no list");
  for (const Json& item : *items) {
    if (!item.is_object()) bad_answer("items holds no objects");
    FeedSummary feed;
    feed.id = ChangefeedId(required_text(item, "id"));
    feed.state = text(item, "state");
    feed.checkpoint = Tso(number(item, "checkpoint_tso"));
    feed.upstream_id = number(item, "upstream_id");
    feed.error = feed_error(item, "error");
    out.push_back(std::move(feed));
  }
  return out;
}

FeedDetail read_feed_detail(std::string_view body) {
  const Json feed = object_in(body, "the changefeed");
  FeedDetail out;
  out.id = ChangefeedId(required_text(feed, "id"));
  out.state = text(feed, "state");
  out.checkpoint = Tso(number(feed, "checkpoint_ts"));
  out.resolved = Tso(number(feed, "resolved_ts"));
  out.start_ts = Tso(number(feed, "start_ts"));
  out.upstream_id = number(feed, "upstream_id");
  out.sink_uri = mask_values(text(feed, "sink_uri"));
  const auto config = feed.find("config");
  out.config = config == feed.end() || config->is_null() ? Json::object() : *config;
  if (!out.config.is_object()) bad_answer("config is no object");
  out.creator_version = text(feed, "creator_version");
  out.error = feed_error(feed, "error");
  out.target_ts = Tso(number(feed, "target_ts"));
  return out;
}

FeedStatus read_feed_status(std::string_view body) {
  const Json feed = object_in(body, "the status of the changefeed");
  FeedStatus out;
  out.state = text(feed, "state");
  out.checkpoint = Tso(required_number(feed, "checkpoint_ts"));
  out.resolved = Tso(number(feed, "resolved_ts"));
  out.last_error = feed_error(feed, "last_error");
  out.last_warning = feed_error(feed, "last_warning");
  return out;
}

TicdcServer read_ticdc_server(std::string_view body) {
  const Json server = object_in(body, "the server's status");
  TicdcServer out;
  out.version = required_text(server, "version");
  out.id = text(server, "id");
  const auto owner = server.find("is_owner");
  out.is_owner = owner != server.end() && owner->is_boolean() && owner->get<bool>();
  return out;
}

EligibleTables read_eligible_tables(std::string_view body) {
  const Json tables = object_in(body, "the list of tables");
  return {table_names(tables, "eligible_tables"), table_names(tables, "ineligible_tables")};
}

Tso read_ticdc_tso(std::string_view body) {
  const Json tso = object_in(body, "the TSO");
  const std::uint64_t physical = required_number(tso, "timestamp");
  const std::uint64_t logical = number(tso, "logic_time");
  if (physical == 0 || physical >= (std::uint64_t{1} << 46) || logical >= (std::uint64_t{1} << 18))
    bad_answer("the TSO is out of range");
  return Tso((physical << 18) | logical);
}

TicdcTraits read_ticdc_traits(std::string_view body) {
  const Json config = object_in(body, "the server's configuration");
  TicdcTraits out;
  const std::uint64_t seconds = number(config, "gc-ttl");
  if (seconds > 0 && seconds < (std::uint64_t{1} << 32U))
    out.gc_ttl = Millis{static_cast<std::int64_t>(seconds) * 1000};
  const auto family = config.find("newarch");
  // The classic server has no such key.
  out.new_architecture = family != config.end() && family->is_boolean() && family->get<bool>();
  const auto security = config.find("security");
  if (security != config.end() && security->is_object()) {
    const auto required = security->find("client-user-required");
    out.user_required =
        required != security->end() && required->is_boolean() && required->get<bool>();
  }
  const auto zone = config.find("tz");
  if (zone != config.end() && zone->is_string()) out.time_zone = zone->get<std::string>();
  return out;
}

TicdcFailure read_ticdc_failure(std::string_view body) {
  TicdcFailure out;
  const Json value = Json::parse(body, nullptr, false);
  if (value.is_object()) {
    const auto code = value.find("error_code");
    const auto message = value.find("error_msg");
    if (code != value.end() && code->is_string()) out.code = code->get<std::string>();
    if (message != value.end() && message->is_string()) out.message = message->get<std::string>();
  } else {
    out.message = std::string(body.substr(0, kLongestMessage * 4));
  }
  out.message = mask_values(out.message);
  if (out.message.size() > kLongestMessage)
    out.message = out.message.substr(0, kLongestMessage) + "…";
  return out;
}

}  // namespace bdrmesh
