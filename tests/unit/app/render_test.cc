#include "app/cli/render/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/cli/client/problem.h"
#include "app/cli/render/text_table.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::Not;

Json link(const std::string& verdict, const Json& error = {}) {
  return {{"group", "orders"},
          {"from", "east"},
          {"to", "west"},
          {"changefeed", "orders-east-to-west-2"},
          {"incarnation", 2},
          {"state", "normal"},
          {"checkpoint", "4611"},
          {"checkpoint_time", "2026-11-21T10:00:00.000Z"},
          {"lag_ms", 1234},
          {"verdict", verdict},
          {"since", "2026-11-21T09:00:00.000Z"},
          {"proven_at", "2026-11-21T09:59:58.000Z"},
          {"error", error}};
}

Json cluster() {
  return {{"name", "east"},
          {"version", "v8.5.1"},
          {"role", "primary"},
          {"gate", "open"},
          {"servers", {{{"reachable", true}}, {{"reachable", false}}}},
          {"ticdc", {{"version", "v8.5.1"}, {"healthy", true}}},
          {"token", {{"ours", false}, {"manager", "other"}}},
          {"error", nullptr}};
}

TEST(RenderStatus, IsVerdictReasonsTablesAndTheNextCommand) {
  const std::string text = render_status({{"at", "2026-11-21T10:00:01.000Z"},
                                          {"verdict", "degraded"},
                                          {"reasons", {"link east → west is stuck"}},
                                          {"next", "bdrmesh link show orders east west"},
                                          {"clusters", {cluster()}},
                                          {"groups",
                                           {{{"name", "orders"},
                                             {"kind", "multi-active"},
                                             {"verdict", "degraded"},
                                             {"ddl_primary", "east"},
                                             {"links", {link("stuck")}}}}},
                                          {"operations", Json::array()},
                                          {"gates", Json::array()}});
  EXPECT_THAT(text, testing::StartsWith(
                        "degraded  2026-11-21T10:00:01.000Z\n  · link east → west is stuck\n"
                        "next: bdrmesh link show orders east west\n"));
  EXPECT_THAT(text,
              HasSubstr("east     v8.5.1  1/2      primary  open  v8.5.1  held by other  -\n"));
  EXPECT_THAT(text, HasSubstr("group orders  multi-active  degraded  DDL primary east\n"));
  EXPECT_THAT(text, HasSubstr("  east → west  stuck    1.2 s  2026-11-21T09:59:58.000Z"));
}

TEST(RenderStatus, PutsClosedGatesIntoTheFirstLines) {
  const std::string text = render_status({{"at", "2026-11-21T10:00:01.000Z"},
                                          {"verdict", "degraded"},
                                          {"reasons", {"the gate of east is closed"}},
                                          {"next", "bdrmesh gate list"},
                                          {"gates",
                                           {{{"cluster", "east"},
                                             {"state", "closed"},
                                             {"since", "2026-11-21T09:58:56.000Z"},
                                             {"age_ms", 65'000},
                                             {"operation", "op7"},
                                             {"reason", "drop column c"},
                                             {"line_crossed", true},
                                             {"undo", "bdrmesh op show op7"}}}}});
  EXPECT_THAT(text, testing::StartsWith(
                        "degraded  2026-11-21T10:00:01.000Z\n"
                        "GATE  CLOSED on east for 1 min 5 s, since 2026-11-21T09:58:56.000Z\n"
                        "      why: drop column c\n"
                        "      operation op7, past its point of no return\n"
                        "      undo: bdrmesh op show op7\n"));
}

TEST(RenderPlan, ShowsChangesOnly) {
  const Json plan{{"group", "orders"},
                  {"changes",
                   {{{"object", "link east-to-west"},
                     {"property", "bdr_mode"},
                     {"wanted", true},
                     {"seen", false},
                     {"change", "set"},
                     {"why", "rule 2"}},
                    {{"object", "link west-to-east"}, {"change", "none"}}}},
                  {"drift", true}};
  const std::string text = render_group_plan(plan);
  EXPECT_THAT(text, HasSubstr("link east-to-west  bdr_mode  set     yes     no    rule 2"));
  EXPECT_THAT(text, Not(HasSubstr("west-to-east")));
  EXPECT_THAT(text, HasSubstr("next: bdrmesh group apply orders"));
  EXPECT_EQ(render_group_plan({{"group", "orders"}, {"changes", Json::array()}}),
            "group orders is as configured\n");
}

TEST(RenderLink, PutsTheTimeBesideTheTso) {
  const std::string text =
      render_link(link("failed", {{"code", "CDC:ErrX"}, {"message", "no table"}}));
  EXPECT_THAT(text, HasSubstr("checkpoint  4611  2026-11-21T10:00:00.000Z"));
  EXPECT_THAT(text, HasSubstr("orders-east-to-west-2 (incarnation 2)"));
  EXPECT_THAT(text, HasSubstr("error       CDC:ErrX: no table"));
}

Json ended() {
  return {{"id", "op1"},
          {"kind", "ddl.run"},
          {"title", "drop column c"},
          {"state", "succeeded"},
          {"created", "2026-11-21T10:00:00.000Z"},
          {"ended", "2026-11-21T10:00:02.000Z"},
          {"line",
           {{"before_stage", 1},
            {"crossed_when", "the first DDL job is synced"},
            {"crossed", true},
            {"evidence", "job 117 synced on west at 2026-11-21T10:00:01.000Z"}}},
          {"pause",
           {{"started", "2026-11-21T10:00:00.500Z"},
            {"ended", "2026-11-21T10:00:01.000Z"},
            {"limit_ms", 5000},
            {"expected_ms", 350},
            {"measured_ms", 500}}},
          {"stages",
           {{{"name", "close"},
             {"behind_line", false},
             {"steps", {{{"name", "close_gate:east"}, {"state", "done"}}}}},
            {{"name", "change"},
             {"behind_line", true},
             {"steps",
              {{{"name", "apply_ddl:east"}, {"state", "started"}, {"waiting_for", "job 117"}}}}}}},
          {"error", nullptr},
          {"result",
           {{"clusters", {"east", "west"}}, {"jobs", {{{"cluster", "east"}, {"job", 117}}}}}}};
}

TEST(RenderOutcome, SaysPausesLineAndResult) {
  const std::string text = render_outcome(ended());
  EXPECT_THAT(text, testing::StartsWith("ddl.run succeeded: drop column c\n"));
  EXPECT_THAT(text, HasSubstr("expected pause      350 ms\n"));
  EXPECT_THAT(text, HasSubstr("measured pause      500 ms (limit 5.0 s)\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "point of no return  crossed: job 117 synced on west at 2026-11-21T10:00:01.000Z\n"));
  EXPECT_THAT(text, HasSubstr("clusters            east, west\n"));
  EXPECT_THAT(text, HasSubstr("jobs:\n  cluster  job\n  east     117\n"));
}

TEST(RenderOutcome, SaysErrorAndRemedy) {
  Json failed = ended();
  failed["state"] = "reverted";
  failed["line"]["crossed"] = false;
  failed["error"] = {
      {"code", "PAUSE_SPENT"}, {"text", "5 s are over"}, {"remedy", "raise --max-pause"}};
  const std::string text = render_outcome(failed);
  EXPECT_THAT(text, HasSubstr("  (PAUSE_SPENT) 5 s are over\n  → raise --max-pause\n"));
  EXPECT_THAT(text, HasSubstr("not crossed (it is crossed when the first DDL job is synced)"));
}

TEST(RenderOperation, DrawsTheLineBetweenStages) {
  const std::string text = render_operation(ended());
  const std::size_t before = text.find("close_gate:east");
  const std::size_t line = text.find("── point of no return ──");
  const std::size_t behind = text.find("apply_ddl:east");
  ASSERT_NE(line, std::string::npos);
  EXPECT_LT(before, line);
  EXPECT_LT(line, behind);
  EXPECT_THAT(text, HasSubstr("waits for job 117"));
}

TEST(RenderDryRun, ShowsPauseFindingsAndWhoIsInTheWay) {
  const std::string text =
      render_dry_run({{"plan", {{"title", "drop column c"}, {"stages", ended()["stages"]}}},
                      {"expected_pause_ms", 350},
                      {"findings",
                       {{{"step", "close_gate:east"}, {"verdict", "holds"}},
                        {{"step", "require_link"},
                         {"verdict", "refused"},
                         {"reason", "stuck"},
                         {"remedy", "mend it"}}}},
                      {"blockers",
                       {{{"cluster", "east"},
                         {"user", "batch"},
                         {"host", "10.0.0.9"},
                         {"statement", "UPDATE t"},
                         {"age", "9 s"}}}},
                      {"classification",
                       {{{"statement", "ALTER TABLE t DROP COLUMN c"},
                         {"class", "non_replicable"},
                         {"strategy", "paused"},
                         {"reason", "r"}}}}});
  EXPECT_THAT(text, HasSubstr("paused    non_replicable  ALTER TABLE t DROP COLUMN c"));
  EXPECT_THAT(text, HasSubstr("expected pause of writes: 350 ms"));
  EXPECT_THAT(text, HasSubstr("  refused  require_link: stuck\n      → mend it\n"));
  EXPECT_THAT(text, HasSubstr("east           batch  10.0.0.9  9 s  UPDATE t"));
}

TEST(RenderDryRun, ShowsWhatItRestsOnAndHowToRunIt) {
  const std::string text =
      render_dry_run({{"plan",
                       {{"title", "drop column c"},
                        {"line", {{"crossed_when", "the first DDL job is synced"}}},
                        {"stages", ended()["stages"]}}},
                      {"plan_id", "p1"},
                      {"expires", "2026-11-22T10:00:00.000Z"},
                      {"seen", {{"east.role", "primary"}, {"west.role", "secondary"}}},
                      {"expected_pause_ms", 350}});
  EXPECT_THAT(text, HasSubstr("  1. close\n        close_gate:east\n"));
  EXPECT_THAT(text, HasSubstr("── point of no return: the first DDL job is synced; before it "));
  EXPECT_LT(text.find("close_gate:east"), text.find("── point of no return"));
  EXPECT_LT(text.find("── point of no return"), text.find("apply_ddl:east"));
  EXPECT_THAT(text, HasSubstr("SEEN NOW  AS\neast      role primary\nwest      role secondary\n"));
  EXPECT_THAT(text, HasSubstr("nobody is in the way\n"));
  EXPECT_THAT(text, testing::EndsWith("\nplan p1, kept until 2026-11-22T10:00:00.000Z\n"
                                      "to run exactly this: bdrmesh op run p1\n"));
}

TEST(RenderDryRun, SaysInWhichStagesWritesArePaused) {
  const Json stages{{{"name", "look"}, {"steps", {{{"name", "examine"}}}}},
                    {{"name", "close"}, {"steps", {{{"name", "close_gate:east"}}}}},
                    {{"name", "open"}, {"steps", {{{"name", "open_gate:east"}}}}}};
  EXPECT_THAT(render_dry_run({{"plan", {{"stages", stages}}}}),
              HasSubstr("writes are paused in stages 2 to 3; for how long is not estimated\n"));
  EXPECT_THAT(render_dry_run({{"plan", {{"stages", Json::array()}}}}),
              HasSubstr("writes are not paused\n"));
}

TEST(RenderDryRun, SaysWhenThereIsNoWayBackToFear) {
  EXPECT_THAT(render_dry_run({{"plan", {{"stages", Json::array()}}}}),
              HasSubstr("no point of no return: everything is undone on failure"));
}

TEST(RenderGates, SaysHowToOpenThem) {
  EXPECT_EQ(render_gates({{"gates", Json::array()}}), "no gate is known to be closed\n");
  const std::string text = render_gates({{"gates",
                                          {{{"cluster", "east"},
                                            {"state", "closed"},
                                            {"age_ms", 65'000},
                                            {"undo", "bdrmesh gate open east"}}}}});
  EXPECT_THAT(text, HasSubstr("1 min 5 s"));
  EXPECT_THAT(text, HasSubstr("bdrmesh gate open east"));
}

TEST(RenderDoctor, PutsRemediesBelow) {
  const std::string text = render_doctor({{"ok", false},
                                          {"findings",
                                           {{{"code", "NO_GRANT"},
                                             {"severity", "error"},
                                             {"cluster", "east"},
                                             {"text", "PROCESS is missing"},
                                             {"remedy", "GRANT PROCESS ON *.* TO 'bdrmesh'"}}}}});
  EXPECT_THAT(text, testing::StartsWith("something must be mended first\n"));
  EXPECT_THAT(text, HasSubstr("  → GRANT PROCESS ON *.* TO 'bdrmesh'\n"));
}

TEST(RenderError, NamesCodeAndRemedy) {
  EXPECT_EQ(render_error(Error(ErrorKind::precondition, "ROLE_SET", "a role is set", "unset it")),
            "refused (ROLE_SET): a role is set\n→ unset it\n");
  EXPECT_EQ(render_error(Error(ErrorKind::bug, "B", "oops")), "failed (B): oops\n");
}

TEST(RenderError, ShowsWhatChangedSinceThePlanWasMade) {
  const ApiProblem changed(
      ErrorKind::conflict, "WORLD_CHANGED", "not as it was", "plan again",
      {{"changed", {{{"what", "east.role"}, {"planned", "primary"}, {"now", "none"}}}}});
  EXPECT_EQ(render_error(changed),
            "refused (WORLD_CHANGED): not as it was\n"
            "  WHAT CHANGED  PLANNED  NOW\n"
            "  east.role     primary  none\n"
            "→ plan again\n");
}

TEST(RenderError, SaysWhichNameWasMeant) {
  const Error unknown(ErrorKind::invalid, "UNKNOWN_GROUP", "no group is called 'oders'",
                      "the configuration knows: billing, orders");
  EXPECT_EQ(remedy_of(unknown), "did you mean 'orders'? the configuration knows: billing, orders");
  EXPECT_EQ(remedy_of(Error(ErrorKind::invalid, "UNKNOWN_GROUP", "no group is called 'xyzzy'",
                            "the configuration knows: orders")),
            "the configuration knows: orders");
  EXPECT_EQ(remedy_of(Error(ErrorKind::invalid, "UNKNOWN_LINK", "odd", "no names here")),
            "no names here");
}

TEST(RenderError, IsJsonForWhoAskedForJson) {
  const Json problem =
      parse_json(render_error_as_json(ApiProblem(ErrorKind::conflict, "LOCKED", "east is locked",
                                                 "bdrmesh op show op7", {{"holder", "op7"}}),
                                      3),
                 "the refusal");
  EXPECT_EQ(problem, (Json{{"code", "LOCKED"},
                           {"kind", "conflict"},
                           {"detail", "east is locked"},
                           {"remedy", "bdrmesh op show op7"},
                           {"evidence", {{"holder", "op7"}}},
                           {"exit_code", 3}}));
}

TEST(Rendering, SurvivesAnswersOfAnyShape) {
  for (const Json& odd :
       {Json(), Json(7), Json::array({1}), Json{{"links", 7}}, Json{{"stages", {1, nullptr}}},
        Json{{"clusters", {nullptr}}}, Json{{"result", {{"rows", {1}}}}}}) {
    for (const auto& render :
         {render_status, render_clusters, render_group, render_group_plan, render_links,
          render_link, render_operations, render_operation, render_outcome, render_events,
          render_gates, render_doctor, render_dry_run}) {
      EXPECT_NO_THROW(render(odd)) << odd.dump();
    }
  }
}

TEST(Rendering, LetsNobodyRepaintTheTerminal) {
  const std::string text = render_events({{"events", {{{"text", "bad\x1b[2Jthing\nnext"}}}}});
  EXPECT_THAT(text, HasSubstr("bad [2Jthing next"));
  EXPECT_THAT(render_error(Error(ErrorKind::invalid, "C", "x\x1b[0m")), Not(HasSubstr("\x1b")));
}

TEST(Spans, AreShort) {
  EXPECT_EQ(span_text(0), "0 ms");
  EXPECT_EQ(span_text(999), "999 ms");
  EXPECT_EQ(span_text(1500), "1.5 s");
  EXPECT_EQ(span_text(185'000), "3 min 5 s");
  EXPECT_EQ(span_text(7'440'000), "2 h 4 min");
  EXPECT_EQ(span_text(nullptr), "-");
}

TEST(Clipping, CountsCharacters) {
  EXPECT_EQ(clipped("äöü", 3), "äöü");
  EXPECT_EQ(clipped("äöüß", 3), "äö…");
}

}  // namespace
}  // namespace bdrmesh
