#include "clients/mask.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

TEST(Mask, HidesListsOfValues) {
  EXPECT_EQ(mask_values("sqls: REPLACE INTO t VALUES (?,?);, values: [[3 secret]], rowCount: 1"),
            "sqls: REPLACE INTO t VALUES (?,?);, values: [***], rowCount: 1");
  EXPECT_EQ(mask_values("VALUES (?,?), args:(3, r); : Error 1142"),
            "VALUES (?,?), args:(***); : Error 1142");
}

TEST(Mask, HidesValuesThatHoldBracketsAndQuotes) {
  EXPECT_EQ(mask_values("values: [[a]b c]d], rowCount: 1"), "values: [***], rowCount: 1");
  EXPECT_EQ(mask_values("args:(3, f(x); y); : Error"), "args:(***); : Error");
  EXPECT_EQ(mask_values("Duplicate entry 'it's' for key 'a.b'"),
            "Duplicate entry '***' for key 'a.b'");
}

TEST(Mask, HidesTheRestOfATextThatIsCutInItsValues) {
  EXPECT_EQ(mask_values("values: [[3 sec"), "values: [***]");
  EXPECT_EQ(mask_values("Duplicate entry 'sec"), "Duplicate entry '***");
}

TEST(Mask, HidesEveryOccurrence) {
  const std::string once = "values: [[7]], rowCount: 1; Duplicate entry '7' for key 'k'. ";
  EXPECT_EQ(mask_values(once + once).find('7'), std::string::npos);
}

TEST(Mask, HidesPasswordsOfAddresses) {
  EXPECT_EQ(mask_values("sink mysql://u:p%40ss@h:4000/?x=1 and more"),
            "sink mysql://u:***@h:4000/?x=1 and more");
  EXPECT_EQ(mask_values("mysql://u:p@ss@h:4000/"), "mysql://u:***@h:4000/");
  EXPECT_EQ(mask_values("Get \"http://127.0.0.1:8300/api\": refused"),
            "Get \"http://127.0.0.1:8300/api\": refused");
  EXPECT_EQ(mask_values("mysql://root@h/"), "mysql://root@h/");
}

TEST(Mask, LeavesOtherTextsAlone) {
  for (const char* text : {"", "Error 1146 (42S02): Table 'td.m' doesn't exist", "a: [b] (c)"})
    EXPECT_EQ(mask_values(text), text);
}

}  // namespace
}  // namespace bdrmesh
