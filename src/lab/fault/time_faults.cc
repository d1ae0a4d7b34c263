// Faults of clocks: one cluster's is off, or everybody's patience passes at once.
#include "lab/fault/fault.h"
#include "lab/site/lab.h"

namespace bdrmesh::lab::fault {
namespace {

using site::Lab;

Done clock_offset(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const Millis offset = words.time("OFFSET");
  lab.state(cluster).oracle.set_offset(offset);
  const bool over = offset == Millis{0};
  return {"offset " + cluster,
          "the clock of " + cluster + " is " + std::to_string(offset.count()) +
              " ms ahead of the others",
          over ? "" : "clock-offset " + cluster + " 0", over};
}

Done turn_clock(Lab& lab, const Arguments& words) {
  const Millis forward = words.time("TIME");
  lab.clock().turn(forward);
  return {"",
          "all clocks were turned forward by " + words.text("TIME") + ", by " +
              std::to_string(lab.clock().turned().count() / 1000) + " s in all",
          "", true};
}

Done gc_now(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const bool ran = lab.state(cluster).gc.run_now();
  return {"",
          ran ? "garbage of " + cluster + " is collected up to " +
                    std::to_string(lab.state(cluster).gc.safe_point())
              : "nothing is collected on " + cluster + ": tidb_gc_enable is OFF",
          "", true};
}

Done gc_past(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  lab.state(cluster).gc.collect_up_to(words.tso("TSO"));
  return {
      "",
      "garbage of " + cluster + " is collected up to " + words.text("TSO") + ", whoever needed it",
      "", true};
}

Done hold_gc(Lab& lab, const Arguments& words) {
  constexpr std::chrono::hours kForLong{24 * 365};
  const std::string& cluster = words.text("CLUSTER");
  lab.state(cluster).safepoints.set("somebody-else", words.tso("TSO"), kForLong);
  return {"gc hold " + cluster,
          "a service of somebody else holds the garbage of " + cluster + " from " +
              words.text("TSO") + " on",
          "release-gc " + cluster};
}

Done release_gc(Lab& lab, const Arguments& words) {
  lab.state(words.text("CLUSTER")).safepoints.remove("somebody-else");
  return {"gc hold " + words.text("CLUSTER"),
          "nobody else holds the garbage of " + words.text("CLUSTER"), "", true};
}

}  // namespace

const Family& time_faults() {
  static const Family family{
      {"clock-offset", "CLUSTER OFFSET", "its timestamps run ahead (or, with -, behind)",
       clock_offset},
      {"gc-now", "CLUSTER", "TiDB collects garbage at once, as far as it may", gc_now},
      {"gc-past", "CLUSTER TSO", "garbage is collected up to there, whoever needs it", gc_past,
       true},
      {"hold-gc", "CLUSTER TSO", "a foreign service safe point holds garbage back", hold_gc},
      {"release-gc", "CLUSTER", "undoes hold-gc", release_gc},
      {"turn-clock", "TIME", "so much time passes at once, everywhere", turn_clock},
  };
  return family;
}

}  // namespace bdrmesh::lab::fault
