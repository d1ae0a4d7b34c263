#include "model/version.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

TEST(Version, IsFoundInWhatServersPrint) {
  EXPECT_EQ(parse_version("v8.5.1"), (Version{8, 5, 1}));
  EXPECT_EQ(parse_version("8.5.1"), (Version{8, 5, 1}));
  EXPECT_EQ(parse_version("v9.0.0-beta.2.pre-784-gabc"), (Version{9, 0, 0}));
  EXPECT_EQ(parse_version("Release Version: v7.6.0\nEdition: Community"), (Version{7, 6, 0}));
}

TEST(Version, IsTheOneBehindTidbNotMysqls) {
  EXPECT_EQ(parse_version("8.0.11-TiDB-v8.5.1"), (Version{8, 5, 1}));
  EXPECT_EQ(parse_version("5.7.25-TiDB-v6.1.0-alpha"), (Version{6, 1, 0}));
}

TEST(Version, SkipsNumbersThatAreNone) {
  EXPECT_EQ(parse_version("build 12 of 3.4, v8.1.2"), (Version{8, 1, 2}));
  EXPECT_EQ(parse_version("10.20.30"), (Version{10, 20, 30}));
}

TEST(Version, IsAbsentWhereNoneStands) {
  for (const char* text : {"", "None", "v8", "v8.5", "v8.5.", "8.5.x", "8.0.11-TiDB-None"})
    EXPECT_EQ(parse_version(text), std::nullopt) << text;
}

TEST(Version, DoesNotFitIntoAnEndlessNumber) {
  EXPECT_EQ(parse_version("99999999999999.1.1"), std::nullopt);
}

TEST(Version, IsOrderedByNumbersNotByText) {
  EXPECT_LT((Version{7, 6, 0}), (Version{8, 0, 0}));
  EXPECT_LT((Version{8, 5, 9}), (Version{8, 5, 10}));
  EXPECT_LT((Version{8, 9, 99}), (Version{8, 10, 0}));
}

TEST(Version, PrintsAsReleasesAreNamed) { EXPECT_EQ(to_string(Version{8, 5, 10}), "v8.5.10"); }

}  // namespace
}  // namespace bdrmesh
