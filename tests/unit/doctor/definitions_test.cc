// The checks that read definitions, settings and feeds: each thing planted and found.
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>

#include "doctor/examine.h"
#include "fakes/fake_world.h"

namespace bdrmesh::doctor {
namespace {

using fakes::ClusterState;

const TableName kOrders{"app", "orders"};

struct Planted {
  const char* code;
  Severity severity;
  std::function<void(fakes::FakeWorld&, Desired&)> plant;
};
void PrintTo(const Planted& one, std::ostream* out) { *out << one.code; }

void on_all(fakes::FakeWorld& world, const std::function<void(ClusterState&)>& change) {
  for (const std::string& name : world.clusters()) world.with(name, change);
}
void on_one(fakes::FakeWorld& world, const std::function<void(ClusterState&)>& change) {
  world.with("west", change);
}

struct DoctorFinds : ::testing::TestWithParam<Planted> {};

TEST_P(DoctorFinds, WhatWasPlantedAndOnlyThen) {
  SystemClock clock;
  fakes::FakeWorld world(clock, {"east", "west"});
  world.build_mesh();
  Desired desired = world.desired();
  const auto examine_now = [&] {
    return examine(desired, desired.groups.front(), world, Call{clock.mono() + Millis{5000}, {}},
                   clock);
  };
  const auto before = examine_now();
  const auto healthy = std::ranges::find_if(before, [](const Finding& one) {
    return one.code == GetParam().code && one.severity == GetParam().severity;
  });
  EXPECT_TRUE(healthy == before.end());
  GetParam().plant(world, desired);
  const auto after = examine_now();
  const auto found = std::ranges::find(after, std::string(GetParam().code), &Finding::code);
  ASSERT_TRUE(found != after.end());
  EXPECT_EQ(found->severity, GetParam().severity);
  EXPECT_FALSE(found->text.empty());
  if (found->severity != Severity::ok) {
    EXPECT_FALSE(found->remedy.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    OneThingEach, DoctorFinds,
    ::testing::Values(
        Planted{"SCHEMA_DIFFERS", Severity::error,
                [](fakes::FakeWorld& w, Desired&) {
                  on_one(w, [](ClusterState& c) {
                    c.tables.at(kOrders).columns.push_back({"extra", "int DEFAULT NULL"});
                  });
                }},
        Planted{"FOREIGN_KEYS", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_all(w, [](ClusterState& c) {
                    c.tables.at(kOrders).keys.emplace_back(
                        "CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `app`.`p` (`id`)");
                  });
                }},
        Planted{"UNIQUE_KEYS", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_all(w, [](ClusterState& c) {
                    c.tables.at(kOrders).keys.emplace_back("UNIQUE KEY `u` (`id`)");
                  });
                }},
        Planted{"AUTO_INCREMENT_COLLIDES", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_all(w, [](ClusterState& c) {
                    c.tables.at(kOrders).columns[0].type =
                        "bigint NOT NULL AUTO_INCREMENT COMMENT 'number, given by us'";
                  });
                }},
        Planted{"AUTO_RANDOM_MAY_COLLIDE", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_all(w, [](ClusterState& c) {
                    c.tables.at(kOrders).columns[0].type =
                        "bigint NOT NULL /*T![auto_rand] AUTO_RANDOM(5) */";
                  });
                }},
        Planted{"TTL_ON_SEVERAL", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_all(w, [](ClusterState& c) {
                    c.tables.at(kOrders).options +=
                        " /*T![ttl] TTL=`t` + INTERVAL 1 DAY */ /*T![ttl] TTL_ENABLE='ON' */";
                    c.variables["tidb_ttl_job_enable"] = "ON";
                  });
                }},
        Planted{"GENERATED_COLUMNS", Severity::ok,
                [](fakes::FakeWorld& w, Desired&) {
                  on_all(w, [](ClusterState& c) {
                    c.tables.at(kOrders).columns.push_back(
                        {"g", "int GENERATED ALWAYS AS (`id` + 1) VIRTUAL"});
                  });
                }},
        Planted{"SETTING_DIFFERS", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_all(w,
                         [](ClusterState& c) { c.variables["sql_mode"] = "STRICT_TRANS_TABLES"; });
                  on_one(w, [](ClusterState& c) { c.variables["sql_mode"] = "ANSI_QUOTES"; });
                }},
        Planted{"GC_TTL_SHORT", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_one(w, [](ClusterState& c) { c.ticdc_traits.gc_ttl = Millis{7'200'000}; });
                }},
        Planted{"GC_TTL_TOO_SHORT", Severity::error,
                [](fakes::FakeWorld& w, Desired&) {
                  on_one(w, [](ClusterState& c) { c.ticdc_traits.gc_ttl = Millis{600'000}; });
                }},
        Planted{"TICDC_FAMILIES_MIXED", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_one(w, [](ClusterState& c) { c.ticdc_traits.new_architecture = true; });
                }},
        Planted{"BDR_MODE_WRONG", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  w.with_feed("west", "orders-west-to-east-1", [](fakes::FeedState& feed) {
                    feed.detail.config["bdr_mode"] = false;
                  });
                }},
        Planted{"LINK_MISSING", Severity::warning,
                [](fakes::FakeWorld& w, Desired&) {
                  on_one(w, [](ClusterState& c) { c.feeds.clear(); });
                }},
        Planted{"REDO_ON_LOCAL_DISK", Severity::warning,
                [](fakes::FakeWorld&, Desired& d) {
                  d.groups.front().redo = RedoSpec{"file:///redo"};
                }},
        Planted{"REDO_GOES_NOWHERE", Severity::error, [](fakes::FakeWorld&, Desired& d) {
                  d.groups.front().redo = RedoSpec{"blackhole://"};
                }}));

}  // namespace
}  // namespace bdrmesh::doctor
