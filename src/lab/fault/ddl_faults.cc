// Faults of DDL jobs: slow, late, refused, stuck, failing.
#include "lab/fault/fault.h"
#include "lab/site/lab.h"

namespace bdrmesh::lab::fault {
namespace {

using site::Lab;

/// A delay of a cluster's DDL that `set` sets; 0 takes it back.
Done delay(Lab& lab, const Arguments& words, void (Faults::*set)(Millis), const char* name,
           const std::string& what) {
  const std::string& cluster = words.text("CLUSTER");
  const Millis time = words.time("TIME");
  (lab.state(cluster).faults.*set)(time);
  const bool over = time == Millis{0};
  return {"sql " + cluster + " " + name,
          "on " + cluster + " " + what + " " + std::to_string(time.count()) + " ms",
          over ? "" : std::string(name) + " " + cluster + " 0", over};
}

Done slow_ddl(Lab& lab, const Arguments& words) {
  return delay(lab, words, &Faults::set_ddl_delay, "slow-ddl", "every DDL stands in the queue for");
}

Done slow_steps(Lab& lab, const Arguments& words) {
  return delay(lab, words, &Faults::set_ddl_step, "slow-steps",
               "a DDL stays in each of its schema states for");
}

Done slow_backfill(Lab& lab, const Arguments& words) {
  return delay(lab, words, &Faults::set_backfill_time, "slow-backfill",
               "every DDL that reorganises works on its rows for");
}

Done late_ddl(Lab& lab, const Arguments& words) {
  return delay(lab, words, &Faults::set_late_submission, "late-ddl",
               "a DDL's job appears, with the role of before, after");
}

Done hold_ddl(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  lab.state(cluster).faults.hold_ddl(words.text("MATCH"));
  return {"sql " + cluster + " held",
          "DDL on " + cluster +
              (words.has("MATCH") ? " with '" + words.text("MATCH") + "'" : std::string()) +
              " waits for a metadata lock that nobody gives back",
          "release-ddl " + cluster};
}

Done release_ddl(Lab& lab, const Arguments& words) {
  lab.state(words.text("CLUSTER")).faults.release_ddl();
  return {"sql " + words.text("CLUSTER") + " held",
          "DDL on " + words.text("CLUSTER") + " waits for nobody", "", true};
}

Done fail(Lab& lab, const Arguments& words, bool rolls_back) {
  const std::string& cluster = words.text("CLUSTER");
  const int count = words.number_or("COUNT", 1);
  const int code = words.number_or("CODE", 1105);
  const std::string& match = words.text("MATCH");
  Faults::DdlFailure failure;
  failure.code = code;
  failure.message = "made to fail by the lab";
  failure.rolls_back = rolls_back;
  lab.state(cluster).faults.fail_next_ddl(match, count, failure);
  return {"",
          "the next " + std::to_string(count) + " DDL on " + cluster +
              (match.empty() ? "" : " with '" + match + "'") +
              (rolls_back ? " roll back with " : " fail with ") + std::to_string(code),
          "clear " + cluster, true};
}

Done fail_ddl(Lab& lab, const Arguments& words) { return fail(lab, words, false); }

Done roll_back_ddl(Lab& lab, const Arguments& words) { return fail(lab, words, true); }

Done deny_ddl(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const int count = words.number_or("COUNT", 1);
  lab.state(cluster).faults.deny_innocent_ddl(words.text("MATCH"), count);
  return {
      "",
      "the next " + std::to_string(count) + " DDL on " + cluster + " get the 8263 of another job",
      "clear " + cluster, true};
}

Done clear(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  lab.state(cluster).faults.clear();
  return {"", "all faults of SQL and DDL on " + cluster + " are gone", "", true,
          "sql " + cluster + " "};
}

}  // namespace

const Family& ddl_faults() {
  static const Family family{
      {"slow-ddl", "CLUSTER TIME", "every DDL waits so long before it begins", slow_ddl},
      {"slow-steps", "CLUSTER TIME", "so long in each schema state of a DDL", slow_steps},
      {"slow-backfill", "CLUSTER TIME", "so long for the rows of ADD INDEX and its kin",
       slow_backfill},
      {"late-ddl", "CLUSTER TIME", "the job appears later than its role was read", late_ddl},
      {"hold-ddl", "CLUSTER [MATCH]", "DDL stands before a metadata lock", hold_ddl},
      {"release-ddl", "CLUSTER", "undoes hold-ddl", release_ddl},
      {"fail-ddl", "CLUSTER [COUNT CODE MATCH]", "the next DDL jobs are refused", fail_ddl},
      {"roll-back-ddl", "CLUSTER [COUNT CODE MATCH]", "they fail while they work", roll_back_ddl},
      {"deny-ddl", "CLUSTER [COUNT MATCH]", "they get the 8263 of somebody else's job", deny_ddl},
      {"clear", "CLUSTER", "forgets all faults of SQL and DDL", clear},
  };
  return family;
}

}  // namespace bdrmesh::lab::fault
