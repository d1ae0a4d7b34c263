// Faults of transactions and of what servers tell of them: commits that stand still, whose outcome
// nobody hears, servers that do not tell what runs on them.
#include "lab/fault/fault.h"
#include "lab/site/lab.h"

namespace bdrmesh::lab::fault {
namespace {

using site::Lab;

Done hold_commits(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const Millis longest = words.time("TIME");
  const bool over = longest == Millis{0};
  const bool below = words.text_or("SIDE", "below") == "below";
  Faults& faults = lab.state(cluster).faults;
  if (over) {
    faults.hold_commits(std::nullopt);
  } else {
    faults.hold_commits(Faults::CommitHold{longest, below});
  }
  return {"sql " + cluster + " commits",
          over ? "commits on " + cluster + " pass"
               : "commits on " + cluster + " stand still for " + words.text("TIME") +
                     ", with a timestamp of " + (below ? "before" : "after") + " the wait",
          over ? "" : "hold-commits " + cluster + " 0", over};
}

Done lose_commits(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const int count = words.number_or("COUNT", 1);
  const bool committed = words.text("OUTCOME") == "committed";
  lab.state(cluster).faults.lose_next_commits(count, committed);
  return {"",
          "the next " + std::to_string(count) + " commits on " + cluster +
              " lose their connection, " + words.text("OUTCOME"),
          "clear " + cluster, true};
}

Done killed_commits(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const bool succeed = words.text("OUTCOME") == "succeed";
  lab.state(cluster).faults.set_killed_commits_succeed(succeed);
  return {"sql " + cluster + " killed commits",
          "a transaction on " + cluster + " that is killed while it commits " +
              (succeed ? "commits nevertheless" : "is rolled back"),
          succeed ? "killed-commits " + cluster + " fail" : "", !succeed};
}

Done silence(Lab& lab, const Arguments& words) {
  static const std::map<std::string, Faults::Silence> ways{{"speaks", Faults::Silence::none},
                                                           {"hangs", Faults::Silence::hangs},
                                                           {"missing", Faults::Silence::missing}};
  const std::string& cluster = words.text("CLUSTER");
  const std::string& server = words.text("SERVER");
  const std::string& how = words.text("HOW");
  lab.state(cluster).faults.silence(static_cast<std::size_t>(std::stoi(server) - 1), ways.at(how));
  const bool over = how == "speaks";
  return {"sql " + cluster + " silence " + server,
          "asked for its rows of CLUSTER_ tables, tidb-server " + server + " of " + cluster +
              (over               ? " answers"
               : how == "missing" ? " is missing, with warning 9002"
                                  : " does not answer"),
          over ? "" : "silence " + cluster + " " + server + " speaks", over};
}

Done fail_trx(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const int count = words.number_or("COUNT", 1);
  lab.state(cluster).faults.fail_next_trx_queries(count);
  return {"",
          "the next " + std::to_string(count) + " queries of TIDB_TRX on " + cluster +
              " fail with 1105",
          "clear " + cluster, true};
}

Done slow_topology(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const Millis time = words.time("TIME");
  lab.state(cluster).faults.set_topology_delay(time);
  const bool over = time == Millis{0};
  return {"sql " + cluster + " topology",
          "CLUSTER_INFO of " + cluster + " shows a killed server for " +
              std::to_string(time.count()) + " ms more",
          over ? "" : "slow-topology " + cluster + " 0", over};
}

Done table_locks(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const bool on = words.text("HOW") == "on";
  lab.state(cluster).faults.enable_table_locks(on);
  return {"sql " + cluster + " table locks",
          "LOCK TABLES on " + cluster + (on ? " locks" : " does nothing, as by default"),
          on ? "table-locks " + cluster + " off" : "", !on};
}

}  // namespace

const Family& commit_faults() {
  static const Family family{
      {"hold-commits", "CLUSTER TIME [SIDE:below|above]",
       "commits stand still; with their timestamp, or yet without", hold_commits},
      {"lose-commits", "CLUSTER OUTCOME:committed|rolled-back [COUNT]",
       "the next commits break their connection", lose_commits},
      {"killed-commits", "CLUSTER OUTCOME:succeed|fail", "what KILL does to a commit under way",
       killed_commits},
      {"silence", "CLUSTER SERVER HOW:speaks|hangs|missing",
       "a server does not tell others what runs on it", silence},
      {"fail-trx", "CLUSTER [COUNT]", "queries of TIDB_TRX fail with 1105", fail_trx},
      {"table-locks", "CLUSTER HOW:on|off", "LOCK TABLES locks, as enable-table-lock does",
       table_locks},
      {"slow-topology", "CLUSTER TIME", "CLUSTER_INFO shows killed servers so much longer",
       slow_topology},
  };
  return family;
}

}  // namespace bdrmesh::lab::fault
