// State files looked at and copied from outside.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/error.h"
#include "store/state_file.h"
#include "store/state_store.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

namespace fs = std::filesystem;

class StateToolsTest : public testing::Test {
 protected:
  std::unique_ptr<StateStore> open(const std::string& file) {
    return StateStore::open({file, {}, "process 7 on tester"});
  }
  void use() {
    const auto store = open(path);
    OperationRecord operation;
    operation.id = "op1";
    operation.kind = "group.apply";
    operation.state = OperationState::running;
    operation.plan = Json::object();
    store->add_operation(operation, {}, {});
    store->add_event({0, from_millis(1), "info", "", "", "hello"});
  }
  static std::string code_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return error.code();
    }
    return "nothing thrown";
  }

  TemporaryFolder folder;
  std::string path = folder.file("state.db");
  std::string copy = folder.file("copy.db");
};

TEST_F(StateToolsTest, TellsWhatAFileHolds) {
  use();
  const StateFileReport report = check_state_file(path);
  EXPECT_TRUE(report.damage.empty());
  EXPECT_EQ(report.epoch, 1U);
  EXPECT_EQ(report.holder, "process 7 on tester");
  EXPECT_EQ(report.operations, 1);
  EXPECT_THAT(report.unfinished, testing::ElementsAre("op1"));
  EXPECT_EQ(report.events, 1);
  EXPECT_TRUE(report.pending_migrations.empty());
}

TEST_F(StateToolsTest, LooksWhileADaemonHoldsTheFile) {
  const auto store = open(path);
  EXPECT_EQ(check_state_file(path).epoch, store->epoch());
}

TEST_F(StateToolsTest, MakesNoFileWhereThereIsNone) {
  EXPECT_EQ(code_of([&] { check_state_file(path); }), "STATE_ABSENT");
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(StateToolsTest, RefusesADatabaseOfAnotherProgram) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "CREATE TABLE theirs (a)", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  EXPECT_EQ(code_of([&] { check_state_file(path); }), "STATE_CORRUPT");
}

TEST_F(StateToolsTest, NamesDamage) {
  {
    const auto store = open(path);
    for (int i = 0; i < 2000; ++i)
      store->add_event({0, from_millis(i), "info", "", "", std::string(200, 'x')});
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20 * 4096);
    file << std::string(40 * 4096, '\x5a');
  }
  EXPECT_FALSE(check_state_file(path).damage.empty());
  EXPECT_EQ(code_of([&] { back_up_state_file(path, copy); }).substr(0, 6), "STATE_");
  EXPECT_FALSE(fs::exists(copy));
}

TEST_F(StateToolsTest, CopiesWhileADaemonWrites) {
  use();
  const auto store = open(path);
  store->add_event({0, from_millis(2), "info", "", "", "not in the main file yet"});
  const StateFileReport report = back_up_state_file(path, copy);
  EXPECT_EQ(report.path, copy);
  EXPECT_EQ(report.events, 2);
  EXPECT_EQ(fs::status(copy).permissions() & fs::perms::mask,
            fs::perms::owner_read | fs::perms::owner_write);
  store->add_event({0, from_millis(3), "info", "", "", "after the copy"});
  EXPECT_EQ(open(copy)->events(0, 10).size(), 2U);
}

TEST_F(StateToolsTest, NeverWritesOverAFile) {
  use();
  std::ofstream(copy) << "precious";
  EXPECT_EQ(code_of([&] { back_up_state_file(path, copy); }), "COPY_EXISTS");
  EXPECT_EQ(fs::file_size(copy), 8U);
}

TEST_F(StateToolsTest, LeavesNothingBesideTheCopy) {
  use();
  std::ofstream(copy + ".part") << "of an attempt that was killed";
  back_up_state_file(path, copy);
  for (const auto& entry : fs::directory_iterator(fs::path(copy).parent_path())) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(name.starts_with("state.db") || name == "copy.db") << name;
  }
}

}  // namespace
}  // namespace bdrmesh
