#include "app/daemon/dr_view.h"

#include <algorithm>

#include "mesh/judge/span_words.h"
#include "mesh/pair_note.h"

namespace bdrmesh::views {
namespace {

/// As RequireHealthyLink takes it when a switchover begins.
constexpr Millis kNear{10000};

Json position(Tso tso) {
  if (!tso.is_set()) return nullptr;
  return {{"tso", to_string(tso)}, {"time", to_rfc3339(tso.time())}};
}

std::optional<Millis> behind(const PairInputs& in) {
  if (!in.primary || !in.primary->now || !in.link.feed || !in.link.feed->checkpoint.is_set())
    return std::nullopt;
  return lag_between(in.link.feed->checkpoint, *in.primary->now);
}

bool answers(const std::shared_ptr<const ClusterSeen>& seen) { return seen && seen->error.empty(); }

bool stands_closed(const PairInputs& in) {
  return in.secondary && in.secondary->gate_state() == "closed";
}

/// What keeps a switchover from going, first the gravest.
std::vector<std::string> obstacles(const PairInputs& in) {
  std::vector<std::string> all;
  const std::string& primary = in.group.members.front().value();
  const std::string& secondary = in.group.members.back().value();
  if (!answers(in.secondary)) all.push_back(secondary + " does not answer");
  if (!answers(in.primary)) all.push_back(primary + " does not answer");
  if (!in.link.feed) all.push_back("no changefeed carries rows to " + secondary);
  if (in.link.feed && in.link.feed->state != "normal")
    all.push_back("changefeed " + in.link.feed->id.value() + " is " + in.link.feed->state);
  if (const auto lag = behind(in); lag && *lag > kNear)
    all.push_back(secondary + " is " + in_words(*lag) + " behind");
  if (answers(in.secondary) && !stands_closed(in))
    all.push_back("the gate of " + secondary + " is " + in.secondary->gate_state() +
                  ": applications may write there");
  if (answers(in.primary) && in.primary->gate_state() != "open")
    all.push_back("the gate of " + primary + " is " + in.primary->gate_state());
  for (const MeshFinding& finding : in.findings) {
    if (finding.severity == "alarm") all.push_back(finding.text);
  }
  return all;
}

std::string readiness(const PairInputs& in, const std::vector<std::string>& reasons) {
  if (!answers(in.secondary)) return "unprotected";
  if (!answers(in.primary)) return "failover";
  if (!in.link.feed) return "unprotected";
  return reasons.empty() ? "ready" : "degraded";
}

std::string next_command(const std::string& word, const PairInputs& in) {
  const std::string& group = in.group.name.value();
  const std::string& primary = in.group.members.front().value();
  if (word == "failover")
    return "bdrmesh dr failover " + group + " --primary " + primary + " --dry-run";
  // Until it is shut, applications write there what nobody will ever read.
  if (!in.link.feed && in.note && in.note->how == "failover" && !stands_closed(in))
    return "bdrmesh dr rebuild " + group + " --cluster " + in.group.members.back().value();
  if (!in.link.feed) return "bdrmesh dr bootstrap " + group;
  if (word == "degraded" || word == "unprotected") return "bdrmesh status";
  return "";
}

Json rto(const PairInputs& in) {
  Json times = Json::object();
  const auto lag = behind(in);
  times["switchover_ms"] = lag ? Json(lag->count() + 2000) : Json();
  times["switchover_rests_on"] =
      "the lag of now, gates and sweep (0.4 s), the stop of the old feed (1 s)";
  const bool redo = in.failover && !in.failover->redo.empty();
  times["failover_rests_on"] = redo ? "not measured yet: reading and writing the redo log, then 2 s"
                                    : "shutting the old feed out and opening the gate";
  times["failover_ms"] = redo ? Json() : Json(3000);
  return times;
}

Json last_drill(const PairInputs& in) {
  if (!in.last_switchover) return nullptr;
  const OperationRecord& record = *in.last_switchover;
  const bool timed = record.pause_started && record.pause_ended;
  return {{"operation", record.id},
          {"without_writable_cluster_ms",
           timed ? Json((*record.pause_ended - *record.pause_started).count()) : Json()},
          {"kind", record.kind},
          {"state", std::string(to_string(record.state))},
          {"at", to_rfc3339(record.created)}};
}

Json reads(const PairInputs& in) {
  Json view{{"enabled", in.reads_past ? Json(*in.reads_past) : Json()},
            {"external_ts", in.external_ts ? position(*in.external_ts) : Json()},
            {"syncpoint", nullptr},
            {"behind_ms", nullptr}};
  if (in.syncpoint) {
    view["syncpoint"] = {{"primary", position(in.syncpoint->primary)},
                         {"secondary", position(in.syncpoint->secondary)}};
    view["behind_ms"] =
        std::max<std::int64_t>(0, to_millis(in.now) - to_millis(in.syncpoint->primary.time()));
  }
  return view;
}

}  // namespace

Json pair(const PairInputs& in) {
  const std::vector<std::string> reasons = obstacles(in);
  const std::string word = readiness(in, reasons);
  const auto lag = behind(in);
  Json gc;
  if (in.link.gc && in.link.gc->dies_at) gc = to_rfc3339(*in.link.gc->dies_at);
  return {{"group", in.group.name.value()},
          {"primary", in.group.members.front().value()},
          {"secondary", in.group.members.back().value()},
          {"configuration", pair_lines_for_configuration(in.configured, in.group)},
          {"since", in.note ? Json({{"how", in.note->how},
                                    {"at", in.note->at},
                                    {"operation", in.note->operation},
                                    {"term", in.note->term}})
                            : Json()},
          {"readiness", word},
          {"reasons", reasons},
          {"next", next_command(word, in)},
          {"changefeed", in.link.feed ? Json(in.link.feed->id.value()) : Json()},
          {"link", {{"verdict", in.link.verdict.word}, {"why", in.link.verdict.why}}},
          {"rpo_ms", lag ? Json(lag->count()) : Json()},
          {"checkpoint", in.link.feed ? position(in.link.feed->checkpoint) : Json()},
          {"failover_loss", in.failover ? in.failover->loss
                                        : Json({{"known", false}, {"text", in.failover_unknown}})},
          {"redo", in.failover && !in.failover->redo.empty() ? Json(in.failover->redo) : Json()},
          {"gc_budget_ends", gc},
          {"rto", rto(in)},
          {"reads", reads(in)},
          {"last_switchover", last_drill(in)}};
}

}  // namespace bdrmesh::views
