#include "app/config/config_rules.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

using Rules = std::vector<std::string>;

TEST(FilterOverlap, IsSeenThroughWildcards) {
  EXPECT_EQ(rules_overlap({"app.*"}, {"app.orders"}), Overlap::yes);
  EXPECT_EQ(rules_overlap({"a*.x"}, {"*b.x"}), Overlap::yes);
  EXPECT_EQ(rules_overlap({"a?.x"}, {"a1.*"}), Overlap::yes);
  EXPECT_EQ(rules_overlap({"APP.*"}, {"app.t"}), Overlap::yes);
  EXPECT_EQ(rules_overlap({"*.*"}, {"z.t"}), Overlap::yes);
}

TEST(FilterOverlap, IsDeniedForDifferentNames) {
  EXPECT_EQ(rules_overlap({"app.*"}, {"billing.*"}), Overlap::no);
  EXPECT_EQ(rules_overlap({"app.a*"}, {"app.b*"}), Overlap::no);
  EXPECT_EQ(rules_overlap({"app?.t"}, {"app.t"}), Overlap::no);
}

TEST(FilterOverlap, RespectsWhatALaterRuleTakesOut) {
  EXPECT_EQ(rules_overlap({"*.*", "!billing.*"}, {"billing.*"}), Overlap::no);
  EXPECT_EQ(rules_overlap({"app.*", "!app.log"}, {"app.log"}), Overlap::no);
  EXPECT_EQ(rules_overlap({"!app.log", "app.*"}, {"app.log"}), Overlap::yes)
      << "the last match wins";
  EXPECT_EQ(rules_overlap({"app.*", "!app.l?g"}, {"app.l*"}), Overlap::yes)
      << "the wildcard covers more than is taken out";
}

TEST(FilterOverlap, SaysWhenItCannotTell) {
  EXPECT_EQ(rules_overlap({"/^app/.t"}, {"app.t"}), Overlap::cannot_tell);
  EXPECT_EQ(rules_overlap({"app.[ab]"}, {"app.c"}), Overlap::cannot_tell);
}

TEST(ReservedSchemas, AreFoundAndMayBeTakenOut) {
  EXPECT_EQ(reserved_schemas_in({"*.*"}), Rules{"bdrmesh_local"});
  EXPECT_EQ(reserved_schemas_in({"*.*", "!bdrmesh_local.*"}), Rules{});
  EXPECT_EQ(reserved_schemas_in({"bdrmesh*.*"}), Rules{"bdrmesh_local"});
  EXPECT_EQ(reserved_schemas_in({"bdrmesh.*"}), Rules{});
  EXPECT_EQ(reserved_schemas_in({"app.*", "MySQL.user"}), Rules{"mysql"});
  EXPECT_EQ(reserved_schemas_in({"app.*", "!mysql.*"}), Rules{});
}

TEST(Rules, AreParsed) {
  EXPECT_EQ(fault_of_rule("app.*"), "");
  EXPECT_EQ(fault_of_rule("!`odd.name`.*"), "");
  for (const char* bad : {"app", "app.", "@file", "/re/.*"})
    EXPECT_NE(fault_of_rule(bad), "") << bad;
}

}  // namespace
}  // namespace bdrmesh
