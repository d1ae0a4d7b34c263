#include "model/role.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

TEST(BdrRole, ReadsBackFromTheWordsOfTidb) {
  for (const BdrRole role : {BdrRole::none, BdrRole::primary, BdrRole::secondary})
    EXPECT_EQ(bdr_role_from(to_string(role)), role);
  EXPECT_EQ(to_string(BdrRole::none), "");
}

TEST(BdrRole, IsUnknownForAnyOtherWord) {
  for (const char* word : {"local_only", "PRIMARY", "none", " primary"})
    EXPECT_EQ(bdr_role_from(word), std::nullopt) << word;
}

}  // namespace
}  // namespace bdrmesh
