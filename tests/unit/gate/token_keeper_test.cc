// Who holds a cluster: claims, foreign and newer holders, and edits that somebody else crosses.
#include "gate/token_keeper.h"

#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;
using fakes::Effect;

const ClusterName kEast("east");

struct TokenKeeperTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld inner{clock, {"east", "west"}};
  fakes::FaultyWorld world{inner, clock, {"east", "west"}};
  TokenKeeper keeper{world, {"manager-1", 5}};

  void stands(const std::string& manager, std::uint64_t epoch) {
    inner.tidb(kEast).make_token_schema({});
    inner.with("east", [&](ClusterState& cluster) {
      TokenRow row;
      row.manager = manager;
      row.epoch = epoch;
      row.gates = Json::array({{{"operation", "op-1"}}});
      row.remembered = {{"tidb_gc_life_time", "10m0s"}};
      cluster.token = row;
    });
  }
  std::optional<TokenRow> row() const {
    return inner.look("east", [](const ClusterState& cluster) { return cluster.token; });
  }
  /// What happens just before our conditional write: somebody else writes the row.
  void taken_before_our_write(const std::string& manager, std::uint64_t epoch) {
    world.arm({.method = "tidb.replace_token",
               .before = [this, manager, epoch] { stands(manager, epoch); }});
  }
  template <class Act>
  static Error error_of(Act act) {
    try {
      act();
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::bug, "NOTHING_THROWN", ""};
  }
};

TEST_F(TokenKeeperTest, ClaimsABareCluster) {
  const TokenRow claimed = keeper.claim(kEast, {});
  EXPECT_EQ(claimed.manager, "manager-1");
  EXPECT_EQ(claimed.epoch, 5U);
  ASSERT_TRUE(row());
  EXPECT_EQ(row()->manager, "manager-1");
  EXPECT_EQ(row()->epoch, 5U);
}

TEST_F(TokenKeeperTest, TellsHowToClaimAClusterThatIsSecondaryAlready) {
  inner.with("east", [](ClusterState& cluster) { cluster.role = "secondary"; });
  try {
    keeper.claim(kEast, {});
    FAIL() << "it was claimed";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "ROLE_IN_THE_WAY");
    EXPECT_NE(e.remedy().find("on east: ADMIN UNSET BDR ROLE"), std::string::npos) << e.remedy();
  }
  inner.with("east", [](ClusterState& cluster) { cluster.role = ""; });
  EXPECT_EQ(keeper.claim(kEast, {}).manager, "manager-1");
}

TEST_F(TokenKeeperTest, ClaimsTheRowOfNobody) {
  stands("", 0);
  EXPECT_EQ(keeper.claim(kEast, {}).manager, "manager-1");
}

TEST_F(TokenKeeperTest, ClaimingAgainWritesNothing) {
  keeper.claim(kEast, {});
  world.arm({.method = "tidb.replace_token", .effect = Effect::refuse, .from_then_on = true});
  EXPECT_EQ(keeper.claim(kEast, {}).epoch, 5U);
  EXPECT_EQ(world.struck(), 0);
}

TEST_F(TokenKeeperTest, TakesOverFromAnEarlierStartAndKeepsWhatItNoted) {
  stands("manager-1", 4);
  const TokenRow claimed = keeper.claim(kEast, {});
  EXPECT_EQ(claimed.epoch, 5U);
  EXPECT_EQ(row()->epoch, 5U);
  EXPECT_EQ(row()->gates, Json::array({{{"operation", "op-1"}}}));
  EXPECT_EQ(row()->remembered.at("tidb_gc_life_time"), "10m0s");
}

TEST_F(TokenKeeperTest, TellsTwoStartsFromCopiesOfOneFileApart) {
  TokenKeeper one{world, {"manager-1", 5, "here"}};
  TokenKeeper twin{world, {"manager-1", 5, "there"}};
  one.claim(kEast, {});
  const Error error = error_of([&] { twin.claim(kEast, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::conflict);
  EXPECT_EQ(error.code(), "EPOCH_TWIN");
  EXPECT_TRUE(one.holds(*row()));
  // Whoever is started again takes over, and the other one is refused from then on.
  TokenKeeper again{world, {"manager-1", 6, "there, later"}};
  again.claim(kEast, {});
  EXPECT_EQ(error_of([&] { one.require_ours(kEast, {}); }).code(), "EPOCH_NEWER");
}

TEST_F(TokenKeeperTest, KeepsRememberedSettingsBesideTheNameOfItsStart) {
  stands("manager-1", 4);
  TokenKeeper one{world, {"manager-1", 5, "here"}};
  EXPECT_EQ(one.claim(kEast, {}).remembered.at("tidb_gc_life_time"), "10m0s");
  EXPECT_TRUE(one.holds(*row()));
}

TEST_F(TokenKeeperTest, RefusesANewerStartOfItself) {
  stands("manager-1", 6);
  const Error error = error_of([&] { keeper.claim(kEast, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::conflict);
  EXPECT_EQ(error.code(), "EPOCH_NEWER");
  EXPECT_NE(error.message().find("6"), std::string::npos);
  EXPECT_EQ(row()->epoch, 6U);
}

TEST_F(TokenKeeperTest, RefusesAnotherManagerWhateverItsEpoch) {
  for (const std::uint64_t epoch : {1U, 9U}) {
    stands("manager-2", epoch);
    const Error error = error_of([&] { keeper.claim(kEast, {}); });
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
    EXPECT_EQ(error.code(), "TOKEN_HELD");
    EXPECT_NE(error.message().find("manager-2"), std::string::npos);
    EXPECT_EQ(row()->manager, "manager-2");
  }
}

TEST_F(TokenKeeperTest, DoesNotOverwriteAClaimThatCameFirst) {
  taken_before_our_write("manager-2", 1);
  const Error error = error_of([&] { keeper.claim(kEast, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_EQ(error.code(), "TOKEN_MOVED");
  EXPECT_EQ(row()->manager, "manager-2");
  EXPECT_EQ(error_of([&] { keeper.claim(kEast, {}); }).code(), "TOKEN_HELD");
}

TEST_F(TokenKeeperTest, ClaimsAgainAfterALostAnswer) {
  world.arm({.method = "tidb.replace_token", .effect = Effect::lose_answer});
  EXPECT_EQ(error_of([&] { keeper.claim(kEast, {}); }).kind(), ErrorKind::ambiguous);
  EXPECT_EQ(keeper.claim(kEast, {}).epoch, 5U);
}

TEST_F(TokenKeeperTest, RequiresARow) {
  inner.tidb(kEast).make_token_schema({});
  const Error absent = error_of([&] { keeper.require_ours(kEast, {}); });
  EXPECT_EQ(absent.kind(), ErrorKind::precondition);
  EXPECT_EQ(absent.code(), "TOKEN_ABSENT");
  stands("", 0);
  EXPECT_EQ(error_of([&] { keeper.require_ours(kEast, {}); }).code(), "TOKEN_ABSENT");
}

TEST_F(TokenKeeperTest, RequiresOurOwnRow) {
  stands("manager-2", 1);
  EXPECT_EQ(error_of([&] { keeper.require_ours(kEast, {}); }).code(), "TOKEN_HELD");
  stands("manager-1", 5);
  EXPECT_EQ(keeper.require_ours(kEast, {}).epoch, 5U);
  stands("manager-1", 6);
  EXPECT_EQ(error_of([&] { keeper.require_ours(kEast, {}); }).code(), "EPOCH_NEWER");
}

TEST_F(TokenKeeperTest, RequiringNeverWrites) {
  stands("manager-1", 4);
  keeper.require_ours(kEast, {});
  EXPECT_EQ(row()->epoch, 4U);
}

TEST_F(TokenKeeperTest, EditsWhatIsThere) {
  stands("manager-1", 5);
  keeper.edit(kEast, [](TokenRow& edited) { edited.remembered["x"] = "1"; }, {});
  EXPECT_EQ(row()->remembered, Json({{"tidb_gc_life_time", "10m0s"}, {"x", "1"}}));
  EXPECT_EQ(row()->gates.size(), 1U);
}

TEST_F(TokenKeeperTest, AnEditThatChangesNothingWritesNothing) {
  keeper.claim(kEast, {});
  world.arm({.method = "tidb.replace_token", .effect = Effect::refuse, .from_then_on = true});
  keeper.edit(kEast, [](TokenRow&) {}, {});
  EXPECT_EQ(world.struck(), 0);
}

TEST_F(TokenKeeperTest, AnEditClaimsFirst) {
  keeper.edit(kEast, [](TokenRow& edited) { edited.remembered["x"] = "1"; }, {});
  EXPECT_EQ(row()->manager, "manager-1");
  EXPECT_EQ(row()->remembered.at("x"), "1");
}

TEST_F(TokenKeeperTest, AnEditIsRefusedWhenTheRowWasTakenMeanwhile) {
  keeper.claim(kEast, {});
  taken_before_our_write("manager-1", 6);
  const Error error = error_of(
      [&] { keeper.edit(kEast, [](TokenRow& edited) { edited.remembered["x"] = "1"; }, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::conflict);
  EXPECT_EQ(error.code(), "EPOCH_NEWER");
  EXPECT_EQ(row()->epoch, 6U);
  EXPECT_EQ(row()->gates.size(), 1U);
}

TEST_F(TokenKeeperTest, NoEditOfOursIsLostToAnother) {
  constexpr int kWriters = 8;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([this, i] {
        keeper.edit(kEast, [i](TokenRow& edited) { edited.remembered[std::to_string(i)] = i; }, {});
      });
    }
  }
  EXPECT_EQ(row()->remembered.size(), static_cast<std::size_t>(kWriters));
}

TEST_F(TokenKeeperTest, IsSupersededEverywhereOnceANewerEpochStandsAnywhere) {
  std::vector<std::string> told;
  keeper.on_superseded([&](const Superseded& found) { told.push_back(found.code); });
  stands("manager-1", 6);
  EXPECT_EQ(error_of([&] { keeper.claim(kEast, {}); }).code(), "EPOCH_NEWER");
  const ClusterName west("west");
  const Error elsewhere = error_of([&] { keeper.claim(west, {}); });
  EXPECT_EQ(elsewhere.code(), "EPOCH_NEWER");
  EXPECT_NE(elsewhere.message().find("east"), std::string::npos);
  EXPECT_FALSE(elsewhere.remedy().empty());
  EXPECT_EQ(error_of([&] { keeper.require_ours(west, {}); }).code(), "EPOCH_NEWER");
  EXPECT_FALSE(inner.look("west", [](const ClusterState& cluster) { return cluster.token; }));
  EXPECT_EQ(told, std::vector<std::string>{"EPOCH_NEWER"});
}

TEST_F(TokenKeeperTest, LearnsFromARowThatSomebodyElseRead) {
  TokenRow other;
  other.manager = "manager-2";
  other.epoch = 99;
  keeper.notice(kEast, other);
  keeper.notice(kEast, std::nullopt);
  EXPECT_FALSE(keeper.superseded());
  other.manager = "manager-1";
  keeper.notice(kEast, other);
  ASSERT_TRUE(keeper.superseded());
  EXPECT_EQ(keeper.superseded()->cluster, kEast);
}

TEST_F(TokenKeeperTest, DoesNotMakeTheSchemaWhereSomebodyElseHolds) {
  stands("manager-2", 1);
  inner.clear_diary();
  EXPECT_EQ(error_of([&] { keeper.claim(kEast, {}); }).code(), "TOKEN_HELD");
  EXPECT_TRUE(inner.diary().empty()) << inner.diary_text();
}

TEST_F(TokenKeeperTest, SaysWhereItAnswers) {
  keeper.set_address("hosta 127.0.0.1:8440");
  keeper.claim(kEast, {});
  EXPECT_EQ(holder_address(*row()), "hosta 127.0.0.1:8440");
  EXPECT_TRUE(keeper.holds(*row()));
}

}  // namespace
}  // namespace bdrmesh
