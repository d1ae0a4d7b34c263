// The state store on a real file: who holds it, who may write, what a broken one says.
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/error.h"
#include "store/state_store.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class StateFileTest : public testing::Test {
 protected:
  std::unique_ptr<StateStore> open(const std::string& holder = "process 7 on tester") {
    return StateStore::open({path, {}, holder});
  }
  /// The error of opening; a bug named NO_ERROR when it worked.
  Error error_of_open() {
    try {
      open("another");
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::bug, "NO_ERROR", "it worked"};
  }
  void run_sql(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  TemporaryFolder folder;
  std::string path = folder.file("state.db");
};

TEST_F(StateFileTest, IsItsOwnersAlone) {
  namespace fs = std::filesystem;
  std::ofstream(path).flush();
  fs::permissions(path, fs::perms::all);
  const auto store = open();
  store->add_event({0, from_millis(1), "info", "", "", "hello"});
  for (const std::string& file : {path, path + "-wal"}) {
    EXPECT_EQ(fs::status(file).permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none)
        << file;
  }
}

TEST_F(StateFileTest, KeepsEverythingAcrossOpeningsAndCountsEpochs) {
  std::uint64_t first = 0;
  {
    const auto store = open();
    first = store->epoch();
    store->add_event({0, from_millis(1), "info", "", "", "hello"});
  }
  const auto store = open();
  EXPECT_EQ(store->epoch(), first + 1);
  EXPECT_EQ(store->newest_events(1).at(0).text, "hello");
}

TEST_F(StateFileTest, IsHeldByOneProcessWhoseNameIsTold) {
  const auto store = open();
  const Error error = error_of_open();
  EXPECT_EQ(error.code(), "STATE_HELD");
  EXPECT_EQ(error.kind(), ErrorKind::precondition);
  EXPECT_THAT(error.message(),
              AllOf(HasSubstr("process 7 on tester"), HasSubstr(path), HasSubstr("since 20")));
  EXPECT_FALSE(error.remedy().empty());
}

TEST_F(StateFileTest, TheHoldDiesWithTheProcess) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = open("a process that dies");
    _exit(0);  // without closing anything
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_NO_THROW(open());
}

TEST_F(StateFileTest, AProcessThatLostItsEpochCannotWrite) {
  const auto old_one = open("the old one");
  // Somebody removes the lock file of a machine believed dead and starts another daemon.
  std::filesystem::remove(path + ".lock");
  const auto new_one = open("the new one");
  EXPECT_GT(new_one->epoch(), old_one->epoch());
  try {
    old_one->add_event({0, from_millis(1), "info", "", "", "from the past"});
    FAIL() << "a stale process wrote";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "EPOCH_LOST");
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
  }
  new_one->add_event({0, from_millis(1), "info", "", "", "from the present"});
  ASSERT_EQ(old_one->newest_events(10).size(), 1U);
}

TEST_F(StateFileTest, AProcessWhoseFileAnotherTookOverCannotWriteAndSaysSo) {
  std::array<int, 2> go{};
  ASSERT_EQ(pipe(go.data()), 0);
  // Forked before anything is open: SQLite's files must not be carried into a child.
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    char byte = 0;
    if (read(go[0], &byte, 1) != 1) _exit(1);
    std::filesystem::remove(path + ".lock");
    open("the process that took over")
        ->add_event({0, from_millis(1), "info", "", "", "from the new one"});
    _exit(0);
  }
  const auto suspended = open("the suspended one");
  EXPECT_TRUE(suspended->epoch_is_ours());
  ASSERT_EQ(write(go[1], "g", 1), 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  close(go[0]);
  close(go[1]);
  EXPECT_FALSE(suspended->epoch_is_ours());
  const std::vector<std::function<void()>> writes{
      [&] {
        suspended->add_event({0, from_millis(2), "info", "", "", "late"});
      },
      [&] { suspended->add_operation({}, {"cluster:east"}, {}); },
      [&] { suspended->write_tick({}); },
      [&] {
        suspended->put_document({"k", "d", from_millis(2), 1});
      },
      [&] { suspended->request_cancel("op"); },
      [&] { suspended->compact(from_millis(9), from_millis(9)); }};
  for (const auto& late : writes) {
    try {
      late();
      ADD_FAILURE() << "a process wrote that had lost the file";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "EPOCH_LOST");
      EXPECT_THAT(error.message(), HasSubstr("another daemon has taken over"));
      EXPECT_FALSE(error.remedy().empty());
    }
  }
  const auto events = suspended->newest_events(10);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].text, "from the new one");
}

TEST_F(StateFileTest, ReadsGoOnWhileOthersWrite) {
  const auto store = open();
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) store->add_event({0, from_millis(1), "info", "", "", "x"});
  });
  std::size_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const auto seen = store->events(0, 100000).size();
    EXPECT_GE(seen, last);
    last = seen;
  }
}

TEST_F(StateFileTest, FindsEventsWithoutReadingAllOfThem) {
  const auto add_events = [this](const std::string& operation, int count) {
    run_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
            std::to_string(count) +
            ") INSERT INTO events (at_ms, severity, operation, subject, text)"
            " SELECT i, 'info', '" +
            operation + "', 'east', 'x' FROM n");
  };
  const auto store = open();
  const auto time_of_reading = [&] {
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
      EXPECT_EQ(store->operation_events("op1").size(), 20U);
      EXPECT_EQ(store->newest_events(10).size(), 10U);
      EXPECT_EQ(store->events(10, 10).size(), 10U);
    }
    return std::chrono::steady_clock::now() - began;
  };
  add_events("op1", 20);
  const auto with_few = time_of_reading();
  add_events("", 200'000);
  // Reading them all would take thousands of times as long.
  EXPECT_LT(time_of_reading(), with_few * 50);
}

TEST_F(StateFileTest, SaysThatAFileIsNoDatabase) {
  std::ofstream(path) << std::string(8192, 'x');
  const Error error = error_of_open();
  EXPECT_EQ(error.code(), "STATE_CORRUPT");
  EXPECT_THAT(error.message(), HasSubstr(path));
  EXPECT_FALSE(error.remedy().empty());
}

TEST_F(StateFileTest, SaysThatAFileBelongsToAnotherProgram) {
  run_sql("CREATE TABLE songs (name TEXT)");
  EXPECT_EQ(error_of_open().code(), "STATE_CORRUPT");
}

TEST_F(StateFileTest, SaysThatItsFolderDoesNotExist) {
  path = folder.file("missing/state.db");
  const Error error = error_of_open();
  EXPECT_EQ(error.code(), "STATE_UNUSABLE");
  EXPECT_THAT(error.message(), HasSubstr("missing"));
}

TEST_F(StateFileTest, SaysThatItsPathIsAFolder) {
  std::filesystem::create_directory(path);
  EXPECT_EQ(error_of_open().code(), "STATE_UNUSABLE");
}

// 0 when a write beyond the limit names the file and a write after the limit is lifted works.
int write_on_a_full_disk(StateStore& store) {
  const auto write_big = [&] {
    store.put_document({"big", "one", from_millis(1), std::string(3'000'000, 'x')});
  };
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = 1'000'000;
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  try {
    write_big();
    return 1;
  } catch (const Error& error) {
    if (error.code() != "STATE_UNUSABLE") return 2;
    if (error.message().find("state.db") == std::string::npos) return 3;
  }
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_FSIZE, &limit);
  try {
    write_big();
  } catch (const Error&) {
    return 4;
  }
  return 0;
}

TEST_F(StateFileTest, SaysThatTheDiskIsFullAndGoesOnWhenThereIsRoom) {
  // In a child, as the limit on file sizes that plays the full disk holds for the whole process.
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = open();
    _exit(write_on_a_full_disk(*store));
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace bdrmesh
