#include "mesh/membership.h"

#include <gmock/gmock.h>

namespace bdrmesh {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

GroupSpec orders(std::vector<std::string> members = {"east", "west", "south"}) {
  GroupSpec group;
  group.name = GroupName("orders");
  for (const std::string& name : members) group.members.emplace_back(name);
  return group;
}

EndedMembership south(const std::string& how = "left") {
  return {GroupName("orders"), ClusterName("south"), how, "op-1", "2026-01-02T03:04:05Z"};
}

TEST(Membership, ARowTellsWhoHasLeft) {
  TokenRow row;
  EXPECT_THAT(ended_memberships(row), IsEmpty());
  note_ended(row, south());
  const auto told = ended_memberships(row);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].cluster.value(), "south");
  EXPECT_EQ(told[0].group.value(), "orders");
  EXPECT_EQ(told[0].how, "left");
  EXPECT_EQ(told[0].operation, "op-1");
}

TEST(Membership, ANewerNoteTakesTheOldOnesPlace) {
  TokenRow row;
  note_ended(row, south());
  note_ended(row, south("evicted"));
  const auto told = ended_memberships(row);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].how, "evicted");
}

TEST(Membership, ForgettingLeavesOthersAndOtherSettings) {
  TokenRow row;
  row.remembered["tidb_gc_life_time"] = "10m0s";
  note_ended(row, south());
  forget_ended(row, GroupName("billing"), ClusterName("south"));
  EXPECT_EQ(ended_memberships(row).size(), 1U);
  forget_ended(row, GroupName("orders"), ClusterName("south"));
  EXPECT_THAT(ended_memberships(row), IsEmpty());
  EXPECT_EQ(row.remembered, Json({{"tidb_gc_life_time", "10m0s"}}));
}

TEST(Membership, OneRowIsEnoughAndOtherGroupsDoNotCount) {
  TokenRow told;
  note_ended(told, south());
  TokenRow silent;
  EXPECT_EQ(ended_of(orders(), {silent, told}).size(), 1U);
  EXPECT_EQ(ended_of(orders(), {told, told}).size(), 1U);
  GroupSpec billing = orders();
  billing.name = GroupName("billing");
  EXPECT_THAT(ended_of(billing, {told}), IsEmpty());
  EXPECT_THAT(ended_of(orders({"east", "west"}), {told}), IsEmpty())
      << "the configuration does not name it any more";
}

TEST(Membership, TheRestIsAMeshOfItsOwn) {
  const GroupSpec rest = without_ended(orders(), {south()});
  EXPECT_EQ(rest.members.size(), 2U);
  EXPECT_EQ(rest.links().size(), 2U);
}

TEST(Membership, TheLinesForTheConfigurationAreTold) {
  EXPECT_EQ(lines_for_configuration(orders(), {south()}),
            "in [[group]] orders set members = [\"east\", \"west\"]");
  GroupSpec group = orders();
  group.ddl_primary = ClusterName("south");
  EXPECT_THAT(lines_for_configuration(group, {south()}), HasSubstr("ddl_primary"));
  EXPECT_THAT(lines_for_configuration(orders({"east", "south"}), {south()}),
              HasSubstr("take it out"));
}

TEST(Membership, ARowThatIsNoneOfOursInFormTellsNothing) {
  for (const Json& odd : {Json(), Json::array(), Json("x"), Json{{"ended_memberships", 5}},
                          Json{{"ended_memberships", Json::array({1, "a", nullptr})}}}) {
    TokenRow row;
    row.remembered = odd;
    EXPECT_THAT(ended_memberships(row), IsEmpty()) << odd;
    note_ended(row, south());
    EXPECT_EQ(ended_memberships(row).size(), 1U) << odd;
  }
}

}  // namespace
}  // namespace bdrmesh
