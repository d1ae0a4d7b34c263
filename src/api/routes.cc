#include "api/routes.h"

#include <charconv>
#include <limits>

#include "api/event_feed.h"
#include "api/request_body.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

using Names = Route::Names;
using Result = Route::Result;
using Request = ApiRequest;

constexpr std::size_t kLongestName = 200;
constexpr std::int64_t kMostRows = 10'000;
constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();

std::int64_t number_from(const std::string& text, const std::string& what, std::int64_t least,
                         std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    throw Error(ErrorKind::invalid, "BAD_QUERY", what + " must be a whole number",
                "from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

std::optional<std::int64_t> number_in(const Request& request, const std::string& key,
                                      std::int64_t least, std::int64_t most) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) return std::nullopt;
  return number_from(found->second, "'" + key + "'", least, most);
}

int limit_in(const Request& request, std::int64_t fallback) {
  return static_cast<int>(number_in(request, "limit", 1, kMostRows).value_or(fallback));
}

std::string text_in(const Request& request, const std::string& key) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) return {};
  if (found->second.empty() || found->second.size() > kLongestName)
    throw Error(ErrorKind::invalid, "BAD_QUERY", "'" + key + "' is empty or too long");
  return found->second;
}

Result ok(Json body) { return {{200, std::move(body)}}; }
Result accepted(Json body) { return {{202, std::move(body)}}; }

Json body_of(const Request& request) {
  return request.body.empty() ? Json::object() : parse_request_body(request.body);
}

void require_no_members(const Request& request) {
  const Json body = body_of(request);
  const Members none(body, {});
}

Result submit(Backend& backend, const Request& request, const Names&) {
  static constexpr std::int64_t kWeek = std::int64_t{7} * 24 * 3600 * 1000;
  const Json body = body_of(request);
  const Members members(
      body, {"kind", "args", "plan", "dry_run", "queue", "deadline_ms", "requested_by"});
  SubmitOperation wanted;
  wanted.plan = members.text("plan", kLongestName, false);
  wanted.kind = members.text("kind", kLongestName, wanted.plan.empty());
  wanted.args = members.object("args");
  wanted.dry_run = members.flag("dry_run");
  wanted.queue = members.flag("queue");
  if (const auto deadline = members.number("deadline_ms", 1, kWeek))
    wanted.deadline = Millis{*deadline};
  wanted.idempotency_key = request.idempotency_key;
  wanted.requested_by = members.text("requested_by", kLongestName, false);
  if (wanted.requested_by.empty()) wanted.requested_by = request.user_agent;
  if (!wanted.plan.empty() && (members.has("kind") || members.has("args") || wanted.dry_run)) {
    throw Error(ErrorKind::invalid, "BAD_MEMBER",
                "a stored plan is run as it is: 'plan' goes without 'kind', 'args' and 'dry_run'",
                "send either a plan, or a kind with its arguments");
  }
  Json answer = backend.submit(wanted);
  return wanted.dry_run ? ok(std::move(answer)) : accepted(std::move(answer));
}

Result doctor(Backend& backend, const Request& request, const Names&) {
  const Json body = body_of(request);
  const Members members(body, {"group", "ids"});
  const std::string group = members.text("group", kLongestName, false);
  Json args = group.empty() ? Json::object() : Json{{"group", group}};
  if (members.flag("ids")) args["ids"] = true;
  return ok(backend.doctor(args));
}

Result cancel(Backend& backend, const Request& request, const Names& names) {
  require_no_members(request);
  return accepted(backend.cancel(names[0]));
}

Result resume(Backend& backend, const Request& request, const Names& names) {
  require_no_members(request);
  return accepted(backend.resume(names[0]));
}

Result retry(Backend& backend, const Request& request, const Names& names) {
  const Json body = body_of(request);
  const Members members(body, {"step"});
  return accepted(backend.retry(names[0], members.text("step", kLongestName, true)));
}

Result skip(Backend& backend, const Request& request, const Names& names) {
  static constexpr std::size_t kLongestReason = 2000;
  const Json body = body_of(request);
  const Members members(body, {"step", "reason", "requested_by"});
  std::string by = members.text("requested_by", kLongestName, false);
  if (by.empty()) by = request.user_agent;
  return accepted(backend.skip(names[0], members.text("step", kLongestName, true),
                               members.text("reason", kLongestReason, true), by));
}

Result link_history(Backend& backend, const Request& request, const Names& names) {
  static constexpr std::int64_t kDay = 86'400'000;
  static constexpr std::int64_t kLongest = 40'000'000'000;
  const Millis last{number_in(request, "last_ms", 1, kLongest).value_or(kDay)};
  return ok(backend.link_history(names[0], names[1], names[2], last));
}

Result events(Backend& backend, const Request& request, const Names&) {
  const std::int64_t after = number_in(request, "after", 0, kLast).value_or(0);
  return ok(backend.events(after, limit_in(request, 100), text_in(request, "operation")));
}

/// What the browser remembers outranks the address that it was given once.
Result stream(Backend& backend, const Request& request, const Names&) {
  EventFeedStart start;
  start.after = number_in(request, "after", 0, kLast);
  start.operation = text_in(request, "operation");
  if (!request.last_event_id.empty())
    start.after = number_from(request.last_event_id, "Last-Event-ID", 0, kLast);
  return {{200, {}}, make_event_feed(backend, start)};
}

using B = Backend;
using R = Request;
using N = Names;

std::vector<Route> reading_routes() {
  return {
      {"GET",
       {"health"},
       {},
       BodyRule::none,
       false,
       [](B&, const R&, const N&) {
         return ok({{"ok", true}});
       }},
      {"GET",
       {"status"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N&) { return ok(b.status()); }},
      {"GET",
       {"clusters"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N&) { return ok(b.clusters()); }},
      {"GET",
       {"clusters", "{name}"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N& n) { return ok(b.cluster(n[0])); }},
      {"GET",
       {"clusters", "{name}", "writable"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N& n) { return Result{b.writable(n[0])}; }},
      {"GET",
       {"groups"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N&) { return ok(b.groups()); }},
      {"GET",
       {"groups", "{name}"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N& n) { return ok(b.group(n[0])); }},
      {"GET",
       {"groups", "{name}", "plan"},
       {},
       BodyRule::none,
       true,
       [](B& b, const R&, const N& n) { return ok(b.group_plan(n[0])); }},
      {"GET",
       {"groups", "{name}", "dr"},
       {},
       BodyRule::none,
       true,
       [](B& b, const R&, const N& n) { return ok(b.pair(n[0])); }},
      {"GET",
       {"links"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N&) { return ok(b.links()); }},
      {"GET",
       {"links", "{group}", "{from}", "{to}"},
       {},
       BodyRule::none,
       true,
       [](B& b, const R&, const N& n) { return ok(b.link(n[0], n[1], n[2])); }},
      {"GET",
       {"links", "{group}", "{from}", "{to}", "history"},
       {"last_ms"},
       BodyRule::none,
       false,
       link_history},
      {"GET",
       {"gates"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N&) { return ok(b.gates()); }},
      {"GET",
       {"certificates"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N&) { return ok(b.certificates()); }},
      {"GET",
       {"certificates", "{id}"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N& n) { return ok(b.certificate(n[0])); }},
      {"GET",
       {"coverage"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N&) { return ok(b.coverage()); }},
      {"GET",
       {"plans", "{id}"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N& n) { return ok(b.plan(n[0])); }},
      {"GET", {"events"}, {"after", "limit", "operation"}, BodyRule::none, false, events},
      {"GET", {"events", "stream"}, {"after", "operation"}, BodyRule::none, false, stream},
      {"POST", {"doctor"}, {}, BodyRule::optional, true, doctor},
  };
}

std::vector<Route> operation_routes() {
  return {
      {"GET",
       {"operations"},
       {"limit"},
       BodyRule::none,
       false,
       [](B& b, const R& r, const N&) { return ok(b.operations(limit_in(r, 50))); }},
      {"POST", {"operations"}, {}, BodyRule::required, true, submit},
      {"GET",
       {"operations", "{id}"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N& n) { return ok(b.operation(n[0])); }},
      {"GET",
       {"operations", "{id}", "calls"},
       {},
       BodyRule::none,
       false,
       [](B& b, const R&, const N& n) { return ok(b.calls(n[0])); }},
      {"POST", {"operations", "{id}", "cancel"}, {}, BodyRule::optional, false, cancel},
      {"POST", {"operations", "{id}", "resume"}, {}, BodyRule::optional, false, resume},
      {"POST", {"operations", "{id}", "retry"}, {}, BodyRule::required, false, retry},
      {"POST", {"operations", "{id}", "skip"}, {}, BodyRule::required, false, skip},
  };
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> kRoutes = [] {
    std::vector<Route> all = reading_routes();
    const std::vector<Route> more = operation_routes();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return kRoutes;
}

}  // namespace bdrmesh
