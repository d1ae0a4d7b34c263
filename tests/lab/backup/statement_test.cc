// The grammar of BACKUP and RESTORE, as a real server's parser judged it.
#include <gtest/gtest.h>

#include "lab/backup/backup_statement.h"
#include "unit/lab/tsv.h"

namespace bdrmesh::lab {
namespace {

std::optional<std::variant<BackupStatement, BackupSyntaxError>> parse(const std::string& sql) {
  return parse_backup(classify(std::move(split_statements(sql).front())));
}

TEST(BackupGrammar, S17_RecordedSyntaxBackupRestore) {
  int judged = 0;
  for (const auto& row : read_tsv("tidb/real-9.0dev-backup-restore-syntax.tsv")) {
    const std::string& sql = row[0];
    const bool ours = sql.rfind("BACKUP ", 0) == 0 || sql.rfind("RESTORE ", 0) == 0;
    if (!ours || sql.rfind("BACKUP LOGS", 0) == 0) continue;
    ++judged;
    const auto parsed = parse(sql);
    ASSERT_TRUE(parsed) << sql;
    const auto* error = std::get_if<BackupSyntaxError>(&*parsed);
    if (row[1] == "1064") {
      ASSERT_NE(error, nullptr) << sql;
      EXPECT_EQ(error->message, row[3]) << sql;
    } else {
      EXPECT_EQ(error, nullptr) << sql << ": " << (error == nullptr ? "" : error->message);
    }
  }
  EXPECT_GT(judged, 30);
}

TEST(BackupGrammar, S17_WhatIsHeeded) {
  const std::string sql =
      "BACKUP TABLE a.t, `u` TO 'local:///x/y?k=v' RATE_LIMIT = 12 MB/SECOND SNAPSHOT = 5 MINUTE "
      "AGO CHECKSUM FALSE";
  const auto parsed = parse(sql);
  const auto& backup = std::get<BackupStatement>(*parsed);
  EXPECT_EQ(backup.names, (std::vector<ObjectName>{{"a", "t"}, {"", "u"}}));
  EXPECT_EQ(backup.rate_limit, 12U);
  EXPECT_FALSE(backup.checksum);
  EXPECT_EQ(std::get<BackupStatement::Ago>(*backup.snapshot).unit, "minute");
  EXPECT_EQ(local_directory(backup.uri), "/x/y");
  EXPECT_EQ(without_secrets("s3://b/p?secret-access-key=S"), "s3://b/p");
  EXPECT_FALSE(local_directory("s3://b/p"));
}

}  // namespace
}  // namespace bdrmesh::lab
