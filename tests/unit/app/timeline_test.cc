#include "app/cli/render/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/cli/render/render.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;

Json undone() {
  return {{"id", "op1"},
          {"kind", "ddl.run"},
          {"title", "drop column c"},
          {"state", "reverted"},
          {"created", "2026-11-21T10:00:00.000Z"},
          {"ended", "2026-11-21T10:00:04.000Z"},
          {"requested_by", "bdrmesh-cli"},
          {"pause",
           {{"started", "2026-11-21T10:00:01.000Z"},
            {"ended", "2026-11-21T10:00:03.500Z"},
            {"limit_ms", 5000},
            {"measured_ms", 2500}}},
          {"stages",
           {{{"name", "close"},
             {"steps",
              {{{"id", "0.0"},
                {"name", "close_gate:east"},
                {"state", "compensated"},
                {"started", "2026-11-21T10:00:01.000Z"},
                {"ended", "2026-11-21T10:00:03.400Z"}}}}},
            {{"name", "drain"},
             {"steps",
              {{{"id", "1.0"},
                {"name", "drain_link:east-to-west"},
                {"state", "failed"},
                {"started", "2026-11-21T10:00:01.200Z"},
                {"ended", "2026-11-21T10:00:02.000Z"},
                {"note", "(LINK_STUCK) no progress"}}}}},
            {{"name", "change"}, {"steps", {{{"id", "2.0"}, {"state", "pending"}}}}}}},
          {"events",
           {{{"number", 7},
             {"at", "2026-11-21T10:00:02.100Z"},
             {"severity", "warning"},
             {"text", "undoing"}},
            {{"number", 8},
             {"at", "2026-11-21T10:00:01.000Z"},
             {"severity", "info"},
             {"text", "stage 'close' begins"}},
            {{"number", 9},
             {"at", "2026-11-21T10:00:04.000Z"},
             {"severity", "info"},
             {"text", "reverted"}}}},
          {"error", {{"code", "LINK_STUCK"}, {"text", "no progress"}, {"remedy", "link show"}}}};
}

TEST(Timeline, TellsInTheOrderOfTimeWhoAskedAndWhatHappened) {
  EXPECT_EQ(timeline(undone()),
            "AT                        AFTER     WHAT\n"
            "2026-11-21T10:00:00.000Z  +0.000 s  asked for by bdrmesh-cli\n"
            "2026-11-21T10:00:01.000Z  +1.000 s  ── writes paused (limit 5.0 s)\n"
            "2026-11-21T10:00:01.000Z  +1.000 s  [1/3] close: 1 step, 2.4 s\n"
            "2026-11-21T10:00:01.200Z  +1.200 s  [2/3] drain: 1 step, 800 ms\n"
            "2026-11-21T10:00:02.000Z  +2.000 s  step 1.0 drain_link:east-to-west failed: "
            "(LINK_STUCK) no progress\n"
            "2026-11-21T10:00:02.100Z  +2.100 s  warning: undoing\n"
            "2026-11-21T10:00:03.400Z  +3.400 s  step 0.0 close_gate:east undone\n"
            "2026-11-21T10:00:03.500Z  +3.500 s  ── writes possible again after 2.5 s\n"
            "2026-11-21T10:00:04.000Z  +4.000 s  reverted\n");
}

TEST(Timeline, IsEmptyWhenNothingIsKnown) {
  EXPECT_EQ(timeline(Json()), "");
  EXPECT_EQ(timeline(Json{{"stages", 7}, {"events", {1, nullptr}}}), "");
}

TEST(Evidence, HasTheTimeBesideATso) {
  const std::string text = render_operation(
      {{"facts",
        {{{"name", "fence"}, {"scope", "east"}, {"value", "470624212879933441"}},
         {{"name", "job"}, {"scope", "west"}, {"value", {{"id", 117}, {"state", "synced"}}}}}}});
  EXPECT_THAT(text, HasSubstr("fence     east  470624212879933441 (2026-11-21T19:21:38.010Z)\n"));
  EXPECT_THAT(text, HasSubstr("job       west  id 117, state synced\n"));
}

TEST(OperationPage, NamesTheFailureTheRemedyAndEveryCall) {
  Json operation = undone();
  operation["calls"] = {{{"at", "2026-11-21T10:00:01.000Z"},
                         {"step", "0.0"},
                         {"took_ms", 12},
                         {"answer", "ok"},
                         {"target", "tidb east 10.0.0.4:4000"},
                         {"what", "SET GLOBAL tidb_super_read_only"},
                         {"left_out", 0}}};
  const std::string text = render_operation(operation);
  EXPECT_THAT(text, HasSubstr("  (LINK_STUCK) no progress\n  → link show\n"));
  EXPECT_THAT(text, HasSubstr("asked for           2026-11-21T10:00:00.000Z by bdrmesh-cli\n"));
  EXPECT_THAT(text, HasSubstr("ended               2026-11-21T10:00:04.000Z (after 4.0 s)\n"));
  EXPECT_THAT(text, HasSubstr("1.0   failed       800 ms  2026-11-21T10:00:01.200Z  "
                              "drain_link:east-to-west  (LINK_STUCK) no progress\n"));
  EXPECT_THAT(text, HasSubstr("0.0   12 ms  ok      tidb east 10.0.0.4:4000  SET GLOBAL "
                              "tidb_super_read_only\n"));
}

}  // namespace
}  // namespace bdrmesh
