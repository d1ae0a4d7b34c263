#include "mesh/pair_note.h"

#include <gmock/gmock.h>

namespace bdrmesh {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const GroupName kGroup("billing");
const ClusterName kNorth("north");
const ClusterName kDr("dr");

GroupSpec pair() {
  GroupSpec group;
  group.name = kGroup;
  group.kind = GroupKind::primary_secondary;
  group.members = {kNorth, kDr};
  return group;
}

TokenRow row_with(const ClusterName& primary, std::uint64_t term) {
  TokenRow row;
  put_pair_note(row, kGroup, {primary, term, "failover", "op-1", "2026-01-01T00:00:00Z"});
  return row;
}

TEST(PairNote, IsReadBackAndTakenAway) {
  TokenRow row = row_with(kDr, 3);
  const auto note = pair_note(row, kGroup);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->primary, kDr);
  EXPECT_EQ(note->term, 3U);
  EXPECT_FALSE(pair_note(row, GroupName("other")));
  take_pair_note(row, kGroup);
  EXPECT_FALSE(pair_note(row, kGroup));
  EXPECT_TRUE(row.remembered.empty());
}

TEST(PairNote, WithTheHighestTermWinsWhoeverCarriesIt) {
  const TokenRow old_primary = row_with(kNorth, 2);
  const TokenRow new_primary = row_with(kDr, 3);
  EXPECT_THAT(as_it_stands(pair(), {old_primary, new_primary}).members, ElementsAre(kDr, kNorth));
  EXPECT_THAT(as_it_stands(pair(), {new_primary, old_primary}).members, ElementsAre(kDr, kNorth));
  EXPECT_THAT(as_it_stands(pair(), {old_primary}).members, ElementsAre(kNorth, kDr));
  EXPECT_THAT(as_it_stands(pair(), {}).members, ElementsAre(kNorth, kDr));
}

TEST(PairNote, LeavesAMeshAsItIs) {
  GroupSpec mesh = pair();
  mesh.kind = GroupKind::multi_active;
  EXPECT_THAT(as_it_stands(mesh, {row_with(kDr, 9)}).members, ElementsAre(kNorth, kDr));
}

TEST(PairNote, SaysWhatToWriteIntoTheConfiguration) {
  const GroupSpec now = as_it_stands(pair(), {row_with(kDr, 1)});
  EXPECT_THAT(pair_findings(pair(), pair()), IsEmpty());
  const auto findings = pair_findings(pair(), now);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().code, "PAIR_TURNED");
  EXPECT_THAT(findings.front().remedy, HasSubstr("primary = \"dr\" and secondary = \"north\""));
}

}  // namespace
}  // namespace bdrmesh
