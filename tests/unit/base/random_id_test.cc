#include "base/random_id.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace bdrmesh {
namespace {

TEST(RandomId, HasTheLengthAskedFor) {
  for (const std::size_t length : {0U, 1U, 8U, 20U, 200U})
    EXPECT_EQ(random_id(length).size(), length);
}

TEST(RandomId, HoldsLowerCaseLettersAndDigitsOnly) {
  const std::string id = random_id(2000);
  EXPECT_TRUE(std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  })) << id;
}

TEST(RandomId, UsesTheWholeAlphabet) {
  const std::string id = random_id(4000);  // a missing letter: once in 10^46 runs
  EXPECT_EQ(std::set<char>(id.begin(), id.end()).size(), 36U);
}

TEST(RandomId, IsNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(seen.insert(random_id(20)).second);
}

}  // namespace
}  // namespace bdrmesh
