// Strong strings and secrets.
#include <gtest/gtest.h>
#include <sstream>
#include <type_traits>
#include <unordered_set>

#include "base/named.h"
#include "base/secret.h"

namespace bdrmesh {
namespace {

using Town = Named<struct TownTag>;
using River = Named<struct RiverTag>;

static_assert(!std::is_convertible_v<Town, River>);
static_assert(!std::is_convertible_v<std::string, Town>);
static_assert(!std::is_constructible_v<River, Town>);

TEST(Named, ComparesAndPrintsItsText) {
  EXPECT_EQ(Town("east"), Town(std::string("east")));
  EXPECT_LT(Town("east"), Town("west"));
  EXPECT_TRUE(Town().empty());
  std::ostringstream out;
  out << Town("east");
  EXPECT_EQ(out.str(), "east");
}

TEST(Named, FindsItsPlaceInAHashSet) {
  const std::unordered_set<Town> towns{Town("east"), Town("west"), Town("east")};
  EXPECT_EQ(towns.size(), 2U);
  EXPECT_TRUE(towns.contains(Town("west")));
}

TEST(Secret, PrintsStars) {
  std::ostringstream out;
  out << Secret("hunter2") << Secret();
  EXPECT_EQ(out.str(), "******");
}

TEST(Secret, GivesItsTextOnlyWhenRevealed) {
  EXPECT_EQ(Secret("hunter2").reveal(), "hunter2");
  EXPECT_TRUE(Secret().empty());
  EXPECT_NE(Secret("a"), Secret("b"));
}

}  // namespace
}  // namespace bdrmesh
