#include "app/daemon/explain.h"

namespace bdrmesh {
namespace {

TargetLook look_at(TidbCluster& target, const std::string& sink_user, const Call& call) {
  TargetLook look;
  try {
    for (DdlJob& job : target.ddl_jobs(call)) {
      if (!job.ended()) look.running.push_back(std::move(job));
    }
    for (OpenTransaction& row : target.look_at_transactions(target.servers(call), call).rows) {
      if (row.user == sink_user) look.of_sink.push_back(std::move(row));
    }
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled || e.kind() == ErrorKind::bug) throw;
    look.error = e.code() + ": " + e.message();
  }
  return look;
}

}  // namespace

Json explain(const GroupName& group, const Link& link, const LinkSeen& seen,
             const ClusterSeen* origin, const ClusterSeen* target, TidbCluster& target_tidb,
             const std::string& sink_user, const Clock& clock, const Call& call) {
  static constexpr Millis kPatience{2000};
  ExplainInputs inputs;
  inputs.group = group;
  inputs.link = link;
  inputs.origin = origin;
  inputs.target = target;
  inputs.feed = seen.feed;
  inputs.movement = seen.movement;
  inputs.verdict = seen.verdict;
  inputs.gc = seen.gc;
  inputs.beat = seen.beat;
  inputs.silent = seen.silent;
  inputs.now = clock.now();
  const bool halted = seen.verdict.word == "stuck" || seen.verdict.word == "slow";
  if (halted) inputs.look = look_at(target_tidb, sink_user, call.within(clock.mono(), kPatience));
  Json list = Json::array();
  for (const Cause& cause : explain_link(inputs)) {
    list.push_back({{"area", cause.area},
                    {"text", cause.text},
                    {"remedy", cause.remedy},
                    {"certain", cause.certain}});
  }
  return list;
}

}  // namespace bdrmesh
