// A mesh made from nothing, seen, proven, and applied again.
#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

class BringUp : public MeshFixture {};

TEST_F(BringUp, RefusesToProveAGroupThatWasNeverApplied) {
  const Finished refused = cli({"verify", "run", "--group", group(), "--level", "links"});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_NE(refused.err.find("NOT_MANAGED"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("group apply"), std::string::npos) << refused.err;
}

TEST_F(BringUp, MakesAFullMeshThatCarriesRowsInEveryDirection) {
  bring_up();
  const std::vector<std::string> names = clusters();
  const Json links = cli_json({"link", "list"});
  EXPECT_EQ(links.at("links").size(), names.size() * (names.size() - 1));
  int id = 910000000;
  for (const std::string& from : names) {
    const std::string row = std::to_string(++id);
    sql(from, "DELETE FROM app.orders WHERE id = " + row);
    sql(from, "INSERT INTO app.orders (id, origin, amount, created) VALUES (" + row +
                  ", 'e2e', 1.00, NOW(3))");
    for (const std::string& to : names) {
      EXPECT_TRUE(eventually([&] {
        return scalar(to, "SELECT origin FROM app.orders WHERE id = " + row) == "e2e";
      })) << from
          << " to " << to;
    }
  }
  EXPECT_TRUE(all_gates_open());
}

TEST_F(BringUp, SetsOnePrimaryAndTheRestSecondary) {
  bring_up();
  int primaries = 0;
  for (const std::string& cluster : clusters()) {
    const std::string seen = role(cluster);
    EXPECT_TRUE(seen == "primary" || seen == "secondary") << cluster << ": " << seen;
    primaries += seen == "primary" ? 1 : 0;
  }
  EXPECT_EQ(primaries, 1);
}

TEST_F(BringUp, ChangesNothingWhenAppliedAgain) {
  bring_up();
  const Json before = cli_json({"link", "list"});
  const Finished plan = cli({"group", "plan", group()});
  EXPECT_EQ(plan.exit_code, 0) << plan.out << plan.err;
  bring_up();
  const Json after = cli_json({"link", "list"});
  ASSERT_EQ(before.at("links").size(), after.at("links").size());
  for (std::size_t i = 0; i < before.at("links").size(); ++i) {
    EXPECT_EQ(before.at("links")[i].at("changefeed"), after.at("links")[i].at("changefeed"));
  }
}

TEST_F(BringUp, ProvesEveryLink) {
  bring_up();
  const Finished verified = cli({"verify", "run", "--group", group(), "--level", "links"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const Json operation = newest_operation();
  const std::size_t members = clusters().size();
  EXPECT_EQ(operation.at("result").at("proven"), members * (members - 1));
  EXPECT_EQ(operation.at("result").at("unproven"), 0);
}

TEST_F(BringUp, FindsTheLinkWhoseFeedIsFrozen) {
  bring_up();
  ASSERT_NO_FATAL_FAILURE(fault({"freeze-feed", "east", "west"}));
  if (IsSkipped()) return;
  const Finished verified =
      cli({"verify", "run", "--group", group(), "--level", "links", "--patience", "3s"});
  EXPECT_EQ(verified.exit_code, 8) << verified.out << verified.err;
  EXPECT_NE(verified.out.find("east-to-west"), std::string::npos) << verified.out;
  fault({"thaw", "east", "west"});
  EXPECT_EQ(cli({"verify", "run", "--group", group(), "--level", "links"}).exit_code, 0);
}

}  // namespace
}  // namespace bdrmesh::e2e
