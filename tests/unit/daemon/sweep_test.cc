#include "app/daemon/sweep.h"

#include <gmock/gmock.h>

#include "app/daemon/store_coverage.h"
#include "base/error.h"
#include "fakes/fake_clock.h"
#include "model/table_filter.h"
#include "unit/api/fake_backend.h"

namespace bdrmesh {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Millis kWeek{7LL * 24 * 3600 * 1000};
constexpr Millis kDay{24LL * 3600 * 1000};

TableName table(const std::string& name) { return {"app", name}; }

TEST(SweepOrder, TakesTheLongestUnprovenFirst) {
  const WallTime now = from_millis(1'800'000'000'000);
  const std::vector<TableName> all{table("fresh"), table("old"), table("never"), table("older")};
  const std::map<TableName, WallTime> looked{{table("fresh"), now - kDay},
                                             {table("old"), now - 7 * kDay},
                                             {table("older"), now - 9 * kDay},
                                             {table("dropped"), now - 90 * kDay}};
  EXPECT_THAT(due_tables(all, looked, now, kWeek, 9),
              ElementsAre(table("never"), table("older"), table("old")));
  EXPECT_THAT(due_tables(all, looked, now, kWeek, 2), ElementsAre(table("never"), table("older")));
  EXPECT_THAT(due_tables(all, looked, now - 6 * kDay, kWeek, 9), ElementsAre(table("never")));
}

TEST(SweepOrder, NamesATableAndNoOther) {
  for (const TableName& odd : {TableName{"app", "a*"}, TableName{"a.b", "c`d"}, table("t")}) {
    const TableFilter filter({rule_of(odd)});
    EXPECT_TRUE(filter.matches(odd)) << rule_of(odd);
    EXPECT_FALSE(filter.matches(table("ab"))) << rule_of(odd);
  }
}

class Events final : public EventSink {
 public:
  void tell(const MeshEvent& event) override { texts.push_back(event.text); }
  std::vector<std::string> texts;
};

class SweepTest : public testing::Test {
 protected:
  SweepTest() {
    desired.manager.sweep = kWeek;
    desired.manager.sweep_load = 15;
    GroupSpec group;
    group.name = GroupName("orders");
    desired.groups.push_back(group);
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) tables.push_back(table(name));
    accept();
  }

  void accept() {
    backend.on_submit = [this](const SubmitOperation& request) -> Json {
      submitted.push_back(request);
      return {{"operation", "op1"}};
    };
  }

  /// The tables of each request so far.
  std::vector<Json> asked() const {
    std::vector<Json> rules;
    for (const SubmitOperation& one : submitted) {
      EXPECT_EQ(one.kind, "verify.rows");
      EXPECT_EQ(one.requested_by, "sweep");
      EXPECT_EQ(one.args.at("max_load"), 15);
      rules.push_back(one.args.at("tables"));
    }
    return rules;
  }

  Desired desired;
  fakes::FakeClock clock;
  testing_api::FakeBackend backend;
  Events events;
  std::vector<SubmitOperation> submitted;
  std::vector<TableName> tables;
  std::map<TableName, WallTime> looked;
  Sweep sweep{{desired, clock, backend, events, [this](const GroupSpec&) { return tables; },
               [this](const GroupSpec&) { return looked; }}};
};

TEST_F(SweepTest, ComparesAFewTablesAtATimeUntilAllAreFresh) {
  sweep.turn();
  ASSERT_THAT(asked(), SizeIs(1));
  EXPECT_EQ(asked()[0], Json::array({"`app`.`a`", "`app`.`b`", "`app`.`c`", "`app`.`d`"}));
  for (const char* name : {"a", "b", "c", "d"}) looked[table(name)] = clock.now();
  sweep.turn();
  ASSERT_THAT(asked(), SizeIs(2));
  EXPECT_EQ(asked()[1], Json::array({"`app`.`e`", "`app`.`f`"}));
  for (const char* name : {"e", "f"}) looked[table(name)] = clock.now();
  sweep.turn();
  EXPECT_THAT(asked(), SizeIs(2));
}

TEST_F(SweepTest, ATableThatCouldNotBeComparedDoesNotHoldUpOthers) {
  sweep.turn();
  sweep.turn();
  ASSERT_THAT(asked(), SizeIs(2));
  EXPECT_EQ(asked()[1], Json::array({"`app`.`e`", "`app`.`f`"}));
  sweep.turn();
  EXPECT_THAT(asked(), SizeIs(2));
  clock.advance(Millis{3600'000});
  sweep.turn();
  EXPECT_THAT(asked(), SizeIs(3));
}

TEST_F(SweepTest, TellsOnceWhatItCannotDo) {
  backend.on_submit = [](const SubmitOperation&) -> Json {
    throw Error(ErrorKind::precondition, "NOT_MANAGED", "no");
  };
  sweep.turn();
  sweep.turn();
  EXPECT_THAT(events.texts, SizeIs(1));
}

TEST_F(SweepTest, WaitsWithoutAWordWhileAPersonVerifies) {
  backend.on_submit = [](const SubmitOperation&) -> Json {
    throw Error(ErrorKind::conflict, "LOCKED", "verify:orders is held");
  };
  sweep.turn();
  EXPECT_THAT(events.texts, IsEmpty());
  accept();
  sweep.turn();
  EXPECT_EQ(asked().back().at(0), "`app`.`a`");
}

}  // namespace
}  // namespace bdrmesh
