#include "store/migrations.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;

class MigrationsTest : public testing::Test {
 protected:
  Error error_of(const std::vector<Migration>& migrations) {
    try {
      sqlite::Connection connection(path);
      migrate(connection, migrations);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::bug, "NO_ERROR", "it worked"};
  }
  void apply(const std::vector<Migration>& migrations) {
    sqlite::Connection connection(path);
    migrate(connection, migrations);
  }

  TemporaryFolder folder;
  std::string path = folder.file("state.db");
  const Migration first{"0001_a.sql",
                        "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"};
  const Migration second{"0002_b.sql", "ALTER TABLE a ADD COLUMN y INTEGER;"};
};

TEST_F(MigrationsTest, AreAppliedOnceEach) {
  apply({first, second});
  apply({first, second});
  sqlite::Connection connection(path);
  auto query = connection.query("SELECT count(*) FROM a");
  ASSERT_TRUE(query.next());
  EXPECT_EQ(query.number(0), 1);
}

TEST_F(MigrationsTest, CopyAnExistingFileBeforeItChanges) {
  apply({first});
  EXPECT_FALSE(std::filesystem::exists(path + ".before-0001_a.sql"));
  apply({first, second});
  const std::string copy = path + ".before-0002_b.sql";
  ASSERT_TRUE(std::filesystem::exists(copy));
  sqlite::Connection old(copy);
  EXPECT_THROW(old.query("SELECT y FROM a"), Error);
  auto query = old.query("SELECT x FROM a");
  EXPECT_TRUE(query.next());
}

TEST_F(MigrationsTest, RefuseAFileOfANewerVersion) {
  apply({first, second});
  const Error error = error_of({first});
  EXPECT_EQ(error.code(), "STATE_NEWER");
  EXPECT_EQ(error.kind(), ErrorKind::precondition);
  EXPECT_THAT(error.message(), HasSubstr("0002_b.sql"));
  EXPECT_THAT(error.remedy(), HasSubstr(path));
}

TEST_F(MigrationsTest, RefuseAFileThatAnotherTextMade) {
  apply({first});
  Migration edited = first;
  edited.sql += " ";
  EXPECT_EQ(error_of({edited, second}).code(), "STATE_CORRUPT");
  EXPECT_FALSE(std::filesystem::exists(path + ".before-0002_b.sql"));
}

TEST_F(MigrationsTest, LeaveNothingBehindWhenOneFails) {
  apply({first});
  const Migration broken{"0002_b.sql",
                         "CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (x INTEGER);"};
  EXPECT_EQ(error_of({first, broken}).code(), "STATE_SQL");
  EXPECT_NO_THROW(apply({first, second}));
  sqlite::Connection connection(path);
  EXPECT_THROW(connection.query("SELECT * FROM b"), Error);
}

TEST_F(MigrationsTest, OfTheBinaryAreThoseOfTheFolder) {
  const auto embedded = embedded_migrations();
  const auto files = migrations_in(BDR_SOURCE_DIR "/migrations");
  ASSERT_EQ(embedded.size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(embedded[i].name, files[i].name);
    EXPECT_EQ(embedded[i].sql, files[i].sql);
  }
  EXPECT_EQ(embedded[0].name, "0001_operations.sql");
}

TEST_F(MigrationsTest, OfAFolderThatDoesNotExistAreAnError) {
  EXPECT_THROW(migrations_in(folder.file("nothing")), Error);
}

}  // namespace
}  // namespace bdrmesh
