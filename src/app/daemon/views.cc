#include "app/daemon/views.h"

#include <algorithm>

#include "gate/standing_gate.h"
#include "gate/write_gate.h"

namespace bdrmesh::views {
namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// Nobody could say which servers there are: those of the configuration, so that none is forgotten.
Json configured_servers(const ClusterSpec& spec, const std::string& why) {
  Json servers = Json::array();
  for (const ServerAddress& server : spec.tidb) {
    servers.push_back({{"address", server.value()},
                       {"reachable", false},
                       {"read_only", nullptr},
                       {"version", nullptr},
                       {"error", why}});
  }
  return servers;
}

Json servers_of(const ClusterSpec& spec, const ClusterSeen& seen) {
  if (seen.gate.servers.empty()) return configured_servers(spec, seen.error);
  Json servers = Json::array();
  for (const ServerGate& server : seen.gate.servers) {
    const bool reachable = server.error.empty();
    servers.push_back({{"address", server.server.value()},
                       {"reachable", reachable},
                       {"read_only", reachable ? Json(server.closed) : Json()},
                       {"version", text_or_null(seen.release)},
                       {"error", text_or_null(server.error)}});
  }
  return servers;
}

std::optional<FeedSummary> listed(const LinkInputs& inputs) {
  std::optional<FeedSummary> found;
  int highest = 0;
  if (inputs.origin == nullptr || !inputs.origin->feeds) return found;
  for (const auto& [id, feed] : inputs.origin->feeds->feeds) {
    const int number = incarnation_of(id, inputs.group, inputs.link);
    if (number <= highest) continue;
    highest = number;
    found = feed;
  }
  return found;
}

std::optional<LinkIncarnation> last_in_book(const LinkInputs& inputs) {
  std::optional<LinkIncarnation> last;
  for (const LinkIncarnation& one : inputs.book) {
    if (one.link == inputs.link && (!last || one.number > last->number)) last = one;
  }
  return last;
}

}  // namespace

Json cluster(const ClusterSpec& spec, const ClusterSeen* seen, const ManagerIdentity& we) {
  if (seen == nullptr) {
    return {{"name", spec.name.value()},
            {"version", nullptr},
            {"source_id", nullptr},
            {"role", "unknown"},
            {"servers", configured_servers(spec, "not asked yet")},
            {"ticdc", {{"version", nullptr}, {"healthy", false}, {"error", "not asked yet"}}},
            {"token", nullptr},
            {"gate", "unknown"},
            {"clock_ahead_ms", nullptr},
            {"seen_at", nullptr},
            {"error", "not asked yet"}};
  }
  Json token;
  if (seen->token) {
    token = {{"manager", seen->token->manager},
             {"ours", seen->token->manager == we.id && seen->token->epoch <= we.epoch},
             {"epoch", seen->token->epoch}};
  }
  return {{"name", spec.name.value()},
          {"version", text_or_null(seen->release)},
          {"source_id", seen->source_id ? Json(*seen->source_id) : Json()},
          {"role", seen->role.value_or("unknown")},
          {"servers", servers_of(spec, *seen)},
          {"ticdc",
           {{"version", text_or_null(seen->ticdc.version)},
            {"healthy", seen->ticdc.healthy && seen->ticdc.error.empty()},
            {"error", text_or_null(seen->ticdc.error)}}},
          {"token", token},
          {"gate", seen->gate_state()},
          {"clock_ahead_ms", seen->clock_ahead ? Json(seen->clock_ahead->count()) : Json()},
          {"seen_at", to_rfc3339(seen->at)},
          {"error", text_or_null(seen->error)}};
}

namespace {

Json gate_without_note(const ClusterName& cluster, const std::string& state,
                       const std::string& reason, const std::string& undo) {
  return {{"cluster", cluster.value()}, {"state", state},        {"owner", nullptr},
          {"operation", nullptr},       {"reason", reason},      {"since", nullptr},
          {"age_ms", nullptr},          {"line_crossed", false}, {"standing", false},
          {"until", nullptr},           {"undo", undo}};
}

std::string undo_of(const ClusterName& cluster, const GateNote& note) {
  if (!note.standing) return "bdrmesh gate open " + cluster.value();
  const std::string command = command_to_open(cluster, note);
  return command.empty() ? "none: the cluster's role wants it closed" : command;
}

std::string why_unknown(const ClusterSeen& seen) {
  if (!seen.error.empty()) return "cannot be asked: " + seen.error;
  return "not every tidb-server answers: " + seen.gate.not_open();
}

}  // namespace

Json gates(const ClusterSeen& seen, WallTime now) {
  Json all = Json::array();
  const std::vector<GateNote> notes =
      seen.token ? gate_notes(*seen.token) : std::vector<GateNote>{};
  for (const GateNote& note : notes) {
    all.push_back({{"cluster", seen.name.value()},
                   {"state", seen.gate_state()},
                   {"owner", seen.token->manager},
                   {"operation", note.operation},
                   {"reason", note.reason},
                   {"since", text_or_null(note.since)},
                   {"age_ms", to_millis(now) - note.since_ms},
                   {"line_crossed", note.line_crossed},
                   {"standing", note.standing},
                   {"until", note.standing ? Json() : text_or_null(note.deadline)},
                   {"undo", undo_of(seen.name, note)}});
  }
  if (!notes.empty()) return all;
  const std::string state = seen.gate_state();
  if (state == "unknown") {
    all.push_back(gate_without_note(seen.name, state, why_unknown(seen), "bdrmesh doctor"));
  } else if (state != "open") {
    all.push_back(gate_without_note(
        seen.name, state, "read-only without a note of ours: somebody else closed it",
        "on " + seen.name.value() + ": SET GLOBAL tidb_super_read_only = OFF"));
  }
  return all;
}

ChangefeedId feed_in_use(const LinkInputs& inputs) {
  if (const auto feed = listed(inputs)) return feed->id;
  if (const auto last = last_in_book(inputs)) return last->changefeed;
  return changefeed_id(inputs.group, inputs.link, 1);
}

namespace {

Json proof_of(const LinkInputs& inputs, const ChangefeedId& id) {
  std::optional<WallTime> newest;
  for (const LinkIncarnation& one : inputs.book) {
    if (one.changefeed == id && one.proven_at) newest = one.proven_at;
  }
  if (inputs.seen != nullptr && inputs.seen->beat.proven_at)
    newest = newest ? std::max(*newest, *inputs.seen->beat.proven_at) : inputs.seen->beat.proven_at;
  return newest ? Json(to_rfc3339(*newest)) : Json();
}

Json error_of(const FeedError& error) {
  const ErrorMeaning meaning = meaning_of(error);
  return {{"code", error.code},
          {"message", error.message},
          {"area", meaning.area},
          {"meaning", meaning.meaning},
          {"remedy", meaning.remedy}};
}

Json budget_of(const std::optional<GcBudget>& budget) {
  if (!budget) return nullptr;
  return {{"level", budget->level},
          {"used_ms", budget->used.count()},
          {"left_ms", budget->left ? Json(budget->left->count()) : Json()},
          {"dies_at", budget->dies_at ? Json(to_rfc3339(*budget->dies_at)) : Json()},
          {"basis", budget->basis}};
}

/// What only watching tells.
void add_watched(Json& view, const LinkSeen& seen) {
  view["gc"] = budget_of(seen.gc);
  view["speed"] = seen.movement && seen.movement->speed ? Json(*seen.movement->speed) : Json();
  view["heartbeat"] = {
      {"proven_at", seen.beat.proven_at ? Json(to_rfc3339(*seen.beat.proven_at)) : Json()},
      {"silent", text_or_null(seen.silent)}};
}

}  // namespace

Json link(const LinkInputs& inputs) {
  const std::optional<FeedSummary> feed = listed(inputs);
  const ChangefeedId id = feed_in_use(inputs);
  LinkVerdict verdict{"unknown", "not asked yet", std::nullopt};
  if (inputs.seen != nullptr) {
    verdict = inputs.seen->verdict;
  } else if (inputs.origin != nullptr) {
    verdict = judge_link(*inputs.origin, feed, inputs.movement, inputs.now);
  }
  std::optional<WallTime> since = verdict.since;
  if (!since && inputs.movement) since = inputs.movement->since;
  const bool has_checkpoint = feed && feed->checkpoint.is_set();
  Json view{
      {"group", inputs.group.value()},
      {"from", inputs.link.from.value()},
      {"to", inputs.link.to.value()},
      {"changefeed", id.value()},
      {"incarnation", incarnation_of(id, inputs.group, inputs.link)},
      {"state", feed ? Json(feed->state) : Json()},
      {"checkpoint", has_checkpoint ? Json(to_string(feed->checkpoint)) : Json()},
      {"checkpoint_time", has_checkpoint ? Json(to_rfc3339(feed->checkpoint.time())) : Json()},
      {"lag_ms", verdict.lag ? Json(verdict.lag->count()) : Json()},
      {"verdict", verdict.word},
      {"why", text_or_null(verdict.why)},
      {"since", since ? Json(to_rfc3339(*since)) : Json()},
      {"proven_at", proof_of(inputs, id)},
      {"error", feed && feed->error ? error_of(*feed->error) : Json()}};
  if (inputs.seen != nullptr) add_watched(view, *inputs.seen);
  return view;
}

Json finding(const MeshFinding& finding) {
  return {{"code", finding.code},
          {"severity", finding.severity},
          {"object", finding.object},
          {"text", finding.text},
          {"remedy", finding.remedy}};
}

std::string verdict_of_links(const Json& links) {
  bool unknown = links.empty();
  bool bad = false;
  bool works = false;
  for (const Json& one : links) {
    const std::string word = one.at("verdict");
    unknown = unknown || word == "unknown";
    works = works || word == "moving" || word == "slow" || word == "maintenance";
    bad = bad || (word != "unknown" && word != "moving" && word != "maintenance");
  }
  if (bad) return works || unknown ? "degraded" : "down";
  return unknown ? "unknown" : "healthy";
}

Json event(const EventRecord& record) {
  return {{"number", record.number},
          {"at", to_rfc3339(record.at)},
          {"severity", record.severity},
          {"operation", text_or_null(record.operation)},
          {"subject", text_or_null(record.subject)},
          {"text", record.text}};
}

}  // namespace bdrmesh::views
