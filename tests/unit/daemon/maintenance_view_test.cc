// What a maintenance takes out of the verdicts, and what it does not.
#include "app/daemon/maintenance_view.h"

#include <gtest/gtest.h>

#include "app/daemon/backend.h"

namespace bdrmesh {
namespace {

const WallTime kNow = from_millis(1'795'230'000'000);

struct MaintenanceView : ::testing::Test {
  std::unique_ptr<StateStore> store = StateStore::in_memory();

  void maintained(WallTime until) {
    OperationRecord record;
    record.id = "op1";
    record.kind = "maintenance.start";
    record.state = OperationState::running;
    record.created = kNow;
    record.plan = {{"subject", {{"cluster", "east"}, {"reason", "new kernel"}}}};
    store->add_operation(record, {}, {});
    TickWrite tick;
    tick.operation = "op1";
    tick.facts.push_back({"op1",
                          "maintenance",
                          "east",
                          true,
                          "1.0",
                          {{"until_ms", to_millis(until)}, {"until", to_rfc3339(until)}}});
    store->write_tick(tick);
  }
  static Json link(const std::string& verdict) {
    return {{"from", "west"}, {"to", "east"}, {"verdict", verdict}, {"why", "no progress"}};
  }
};

TEST_F(MaintenanceView, IsFoundInTheState) {
  maintained(kNow + Millis{60'000});
  const auto all = views::maintenances(*store, kNow);
  ASSERT_TRUE(all.contains("east"));
  EXPECT_EQ(all.at("east").at("reason"), "new kernel");
  EXPECT_EQ(all.at("east").at("operation"), "op1");
}

TEST_F(MaintenanceView, IsOverWhenItsTimeIs) {
  maintained(kNow - Millis{1});
  EXPECT_TRUE(views::maintenances(*store, kNow).empty());
}

TEST_F(MaintenanceView, TakesThePlaceOfALinksVerdict) {
  maintained(kNow + Millis{60'000});
  const auto all = views::maintenances(*store, kNow);
  Json stuck = link("stuck");
  views::add_maintenance_of_link(stuck, all);
  EXPECT_EQ(stuck.at("verdict"), "maintenance");
  EXPECT_NE(stuck.at("why").get<std::string>().find("else it would be stuck: no progress"),
            std::string::npos);
  Json moving = link("moving");
  views::add_maintenance_of_link(moving, all);
  EXPECT_EQ(moving.at("verdict"), "moving");
  Json other{{"from", "west"}, {"to", "south"}, {"verdict", "stuck"}, {"why", ""}};
  views::add_maintenance_of_link(other, all);
  EXPECT_EQ(other.at("verdict"), "stuck");
  EXPECT_TRUE(other.at("maintenance").is_null());
}

TEST_F(MaintenanceView, KeepsStatusHealthyButNotAboutTokens) {
  const Json maintenance{{"operation", "op1"}, {"reason", "x"}, {"until", "then"}};
  Json east{{"name", "east"},
            {"seen_at", "now"},
            {"error", "TIDB_UNREACHABLE: gone"},
            {"servers", Json::array()},
            {"token", nullptr},
            {"ticdc", {{"healthy", false}, {"error", "gone"}}},
            {"maintenance", maintenance}};
  Json away = link("maintenance");
  Json group{{"name", "orders"}, {"links", Json::array({away})}};
  const auto judged = [&] {
    return judge_overall(Json::array({east}), Json::array({group}), Json::array(), Json::array());
  };
  EXPECT_EQ(judged().verdict, "healthy") << judged().reasons.dump();
  east["maintenance"] = nullptr;
  EXPECT_EQ(judged().verdict, "degraded");
  east["maintenance"] = maintenance;
  east["token"] = {{"ours", false}, {"manager", "other"}, {"epoch", 7}};
  EXPECT_EQ(judged().verdict, "degraded");
}

}  // namespace
}  // namespace bdrmesh
