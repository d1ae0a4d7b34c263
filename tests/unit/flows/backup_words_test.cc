// Words of a backup: where it goes, how fast, what is said of tables.
#include <gtest/gtest.h>

#include "base/error.h"
#include "flows/backup/group_tables.h"
#include "flows/backup/long_task.h"

namespace bdrmesh::flows {
namespace {

TEST(BackupWords, AFolderLiesBelowTheStorageAndParametersStayAtTheEnd) {
  EXPECT_EQ(folder_below("s3://backup/orders", "one"), "s3://backup/orders/one");
  EXPECT_EQ(folder_below("s3://backup/orders/", "one"), "s3://backup/orders/one");
  EXPECT_EQ(folder_below("s3://backup/orders?endpoint=http://x", "one"),
            "s3://backup/orders/one?endpoint=http://x");
  EXPECT_EQ(folder_below("local:///backup", "one"), "local:///backup/one");
  EXPECT_EQ(folder_below("local:///", "one"), "local:///one");
}

TEST(BackupWords, ARateIsMegabytesPerSecond) {
  EXPECT_EQ(megabytes_per_second(""), 0U);
  EXPECT_EQ(megabytes_per_second("120MB/s"), 120U);
  EXPECT_EQ(megabytes_per_second("120 MB/s"), 120U);
  for (const char* wrong : {"120", "fast", "MB/s", "0MB/s", "120KB/s", "-1MB/s"}) {
    try {
      megabytes_per_second(wrong);
      ADD_FAILURE() << wrong;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), "BAD_RATE_LIMIT");
    }
  }
}

TEST(BackupWords, ManyTablesAreNotAllNamed) {
  std::vector<TableName> tables;
  for (int i = 0; i < 10; ++i) tables.push_back({"app", "t" + std::to_string(i)});
  EXPECT_EQ(listed({{"app", "a"}, {"app", "b"}}), "app.a, app.b");
  EXPECT_TRUE(listed(tables).ends_with("app.t7 and 2 more")) << listed(tables);
}

}  // namespace
}  // namespace bdrmesh::flows
