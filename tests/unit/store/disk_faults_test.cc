// Every write of the store on a disk that fails at every write and every sync: what was
// acknowledged is there after a power cut, what was refused is there whole or not at all, and the
// error names the file and what to do.
#include <filesystem>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "store/state_file.h"
#include "store/state_store.h"
#include "unit/store/faulty_disk.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

namespace fs = std::filesystem;
using fakes::DiskFault;
using fakes::every_fault;
using fakes::FaultyDisk;
using testing::HasSubstr;

constexpr DiskFault kFaults[] = {DiskFault::full, DiskFault::io_error, DiskFault::short_write};
constexpr WallTime kNow{Millis{1'790'000'000'000}};

OperationRecord operation(const std::string& id) {
  OperationRecord record;
  record.id = id;
  record.kind = "toy";
  record.title = "a test";
  record.plan = {{"stages", Json::array()}};
  record.created = kNow;
  return record;
}

StepRecord step(const std::string& op, StepState state = StepState::pending) {
  StepRecord record;
  record.operation = op;
  record.step = "0.0";
  record.name = "close_gate:east";
  record.state = state;
  return record;
}

/// One writing method of the store, and how to see that it is there.
struct Method {
  std::string name;
  std::function<void(StateStore&)> write;
  std::function<bool(const StateStore&)> there;
};

void write_whole_tick(StateStore& store) {
  TickWrite tick;
  tick.operation = "old";
  tick.steps = {step("old", StepState::done)};
  tick.facts = {{"old", "fence", "east", false, "0.0", 42}};
  tick.events = {{0, kNow, "info", "old", "", "tick"}};
  tick.calls = {{"old", "0.0", "verify", kNow, "tidb east", "read", Millis{1}, "ok", 0}};
  tick.header = operation("old");
  tick.header->state = OperationState::succeeded;
  tick.header->ended = kNow;
  store.write_tick(tick);
}

/// All of a tick or nothing: journal, state, locks, events and calls are one transaction.
bool whole_tick_is_there(const StateStore& store) {
  const bool state = store.operation("old").state == OperationState::succeeded;
  const auto events = store.operation_events("old");
  const auto locks = store.locks();
  EXPECT_EQ(store.steps("old").at(0).state == StepState::done, state);
  EXPECT_EQ(store.facts("old").size(), state ? 1U : 0U);
  EXPECT_EQ(events.size(), state ? 1U : 0U);
  EXPECT_EQ(store.calls("old").size(), state ? 1U : 0U);
  // Its lock has passed to the one that waited.
  EXPECT_EQ(locks.size(), 1U);
  EXPECT_EQ(locks.at(0).operation == "waiting", state);
  EXPECT_EQ(store.waiting_operations().empty(), state);
  return state;
}

void PrintTo(const Method& method, std::ostream* out) { *out << method.name; }

std::vector<Method> methods() {
  return {
      {"add_operation",
       [](StateStore& store) {
         store.add_operation(operation("new"), {"a", "b"}, {step("new")});
       },
       [](const StateStore& store) {
         const bool there = store.find_operation("new").has_value();
         EXPECT_EQ(store.steps("new").size(), there ? 1U : 0U);
         EXPECT_EQ(store.locks().size(), there ? 3U : 1U);
         return there;
       }},
      {"add_operation_to_the_queue",
       [](StateStore& store) {
         store.add_operation(operation("new"), {"east"}, {step("new")}, WhenLocked::wait);
       },
       [](const StateStore& store) {
         const bool there = store.find_operation("new").has_value();
         EXPECT_EQ(store.waiting_operations().size(), there ? 2U : 1U);
         return there;
       }},
      {"write_tick", write_whole_tick, whole_tick_is_there},
      {"request_cancel", [](StateStore& store) { store.request_cancel("old"); },
       [](const StateStore& store) { return store.operation("old").cancel_requested; }},
      {"add_event",
       [](StateStore& store) {
         store.add_event({0, kNow, "alarm", "", "east", "closed"});
       },
       [](const StateStore& store) { return !store.newest_events(1).empty(); }},
      {"put_incarnation",
       [](StateStore& store) {
         store.put_incarnation({"g", "a", "b", 1, "f", 1, 2, "created"});
       },
       [](const StateStore& store) { return !store.incarnations("g").empty(); }},
      {"put_document",
       [](StateStore& store) {
         // Many pages; moving the log into the file behind them is compact's part.
         store.put_document({"plan", "p", kNow, std::string(200'000, 'x')});
       },
       [](const StateStore& store) { return store.document("plan", "p").has_value(); }},
      {"forget_documents",
       [](StateStore& store) { store.forget_documents("certificate", kNow + Millis{1}, 10); },
       [](const StateStore& store) { return store.documents("certificate").empty(); }},
      {"compact", [](StateStore& store) { store.compact(kNow + Millis{1}, kNow); },
       [](const StateStore& store) { return store.steps("ended").empty(); }},
  };
}

/// Every one of few; of many the first and the last, where something is decided, and some between.
std::int64_t step_after(std::int64_t at, std::int64_t operations) {
  const std::int64_t few = every_fault() ? 60 : 8;
  const std::int64_t ends = every_fault() ? 6 : 2;
  const bool at_an_end = at < ends || operations - at < ends;
  return operations < few || at_an_end ? 1 : (operations - ends - at) / 3 + 1;
}

class DiskFaultsTest : public testing::Test {
 protected:
  DiskFaultsTest() {
    disk.heal();
    const auto store = open(prepared);
    store->add_operation(operation("ended"), {}, {step("ended")});
    TickWrite end;
    end.operation = "ended";
    end.header = operation("ended");
    end.header->state = OperationState::succeeded;
    end.header->ended = kNow;
    store->write_tick(end);
    store->add_operation(operation("old"), {"east"}, {step("old")});
    store->add_operation(operation("waiting"), {"east"}, {}, WhenLocked::wait);
    store->put_document({"certificate", "c", kNow, Json::object()});
  }
  ~DiskFaultsTest() override { disk.heal(); }

  static std::unique_ptr<StateStore> open(const std::string& path) {
    return StateStore::open({path, {}, "tester"});
  }
  std::unique_ptr<StateStore> fresh_store() {
    disk.heal();
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) fs::remove(path + suffix);
    fs::copy_file(prepared, path);
    disk.assume_durable(path);
    return open(path);
  }
  std::int64_t operations_of(const Method& method) {
    const auto store = fresh_store();
    disk.heal();
    method.write(*store);
    EXPECT_TRUE(method.there(*store)) << method.name;
    return disk.operations();
  }

  /// @return whether the write was acknowledged.
  bool write(StateStore& store, const Method& method) {
    try {
      method.write(store);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "STATE_UNUSABLE") << error.message();
      EXPECT_EQ(error.kind(), ErrorKind::precondition);
      EXPECT_THAT(error.message(), HasSubstr(path));
      EXPECT_THAT(error.remedy(), HasSubstr(path));
      return false;
    }
  }

  void play(const Method& method, DiskFault fault, std::int64_t at, bool stays) {
    SCOPED_TRACE(method.name + ", fault " + std::to_string(static_cast<int>(fault)) + " at " +
                 std::to_string(at) + (stays ? " for good" : " once"));
    auto store = fresh_store();
    disk.fail_at(fault, at, stays);
    const bool acknowledged = write(*store, method);
    disk.heal();
    // Whole or not at all, for those who go on reading.
    if (acknowledged) {
      EXPECT_TRUE(method.there(*store));
    } else if (method.name != "compact") {
      EXPECT_FALSE(method.there(*store));
    }
    // What a power cut now leaves.
    disk.copy_after_power_cut(path, copy);
    fs::remove(copy + ".lock");
    {
      const auto after = open(copy);
      EXPECT_TRUE(!acknowledged || method.there(*after)) << "an acknowledged write was lost";
    }
    EXPECT_TRUE(check_state_file(copy).damage.empty());
    // The same process goes on when the disk works again.
    if (!acknowledged) method.write(*store);
    EXPECT_TRUE(method.there(*store));
    store.reset();
    EXPECT_TRUE(check_state_file(path).damage.empty());
  }

  TemporaryFolder folder{TemporaryFolder::On::memory};
  std::string prepared = folder.file("prepared.db");
  std::string path = folder.file("state.db");
  std::string copy = folder.file("after-power-cut.db");
  FaultyDisk& disk = FaultyDisk::instance();
};

class DiskFaultsOfMethod : public DiskFaultsTest, public testing::WithParamInterface<Method> {};

TEST_P(DiskFaultsOfMethod, LoseNothingThatWasAcknowledged) {
  const Method& method = GetParam();
  const std::int64_t operations = operations_of(method);
  ASSERT_GE(operations, 2) << "a write and a sync at least";
  std::size_t turn = 0;
  for (std::int64_t at = 1; at <= operations + 1; at += step_after(at, operations)) {
    for (std::size_t i = 0; i < (every_fault() ? std::size(kFaults) : 1U); ++i) {
      const DiskFault fault = kFaults[turn++ % std::size(kFaults)];
      play(method, fault, at, fault != DiskFault::io_error);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, DiskFaultsOfMethod, testing::ValuesIn(methods()),
                         [](const auto& each) { return each.param.name; });

TEST_F(DiskFaultsTest, LeaveNoHalfMigratedFile) {
  const auto opening_works = [&] {
    try {
      open(path);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "STATE_UNUSABLE") << error.message();
      EXPECT_THAT(error.message(), HasSubstr(folder.file("state.db")));
      EXPECT_FALSE(error.remedy().empty());
      return false;
    }
  };
  disk.heal();
  ASSERT_TRUE(opening_works());
  const std::int64_t operations = disk.operations();
  // No common part with three: every kind of fault comes to every kind of place.
  for (std::int64_t at = 1; at <= operations; at += every_fault() ? 5 : 16) {
    const DiskFault fault = kFaults[at % 3];
    SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at " + std::to_string(at));
    disk.heal();
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) fs::remove(path + suffix);
    disk.fail_at(fault, at, true);
    opening_works();
    disk.heal();
    EXPECT_TRUE(opening_works());
    EXPECT_TRUE(check_state_file(path).damage.empty());
    EXPECT_TRUE(check_state_file(path).pending_migrations.empty());
  }
}

TEST_F(DiskFaultsTest, AFileOfTheVersionBeforeIsWholeWhateverFails) {
  // The first two migrations only, with an operation in it.
  const std::string migrations = folder.file("migrations");
  fs::create_directory(migrations);
  for (const char* name : {"0001_operations.sql", "0002_links_and_documents.sql"}) {
    fs::copy_file(fs::path(BDR_SOURCE_DIR) / "migrations" / name, fs::path(migrations) / name);
  }
  const std::string old = folder.file("old.db");
  StateStore::open({old, migrations, "an old version"})->put_document({"k", "d", kNow, 1});
  const auto start_again = [&] {
    disk.heal();
    for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path())) {
      if (entry.path().filename().string().starts_with("state.db")) fs::remove(entry.path());
    }
    fs::copy_file(old, path);
  };
  start_again();
  disk.heal();
  open(path);
  const std::int64_t operations = disk.operations();
  ASSERT_GT(operations, 10);
  for (std::int64_t at = 1; at <= operations; at += every_fault() ? 3 : 13) {
    SCOPED_TRACE(at);
    start_again();
    disk.fail_at(DiskFault::full, at, true);
    try {
      open(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "STATE_UNUSABLE") << error.message();
    }
    disk.heal();
    const std::string before = path + ".before-0003_calls_queue_skips.sql";
    EXPECT_TRUE(!fs::exists(before) || check_state_file(before).damage.empty());
    const auto store = open(path);
    EXPECT_TRUE(store->document("k", "d").has_value());
    EXPECT_TRUE(fs::exists(before));
  }
}

TEST_F(DiskFaultsTest, SayWhatToDoAboutABrokenDisk) {
  const auto store = fresh_store();
  disk.fail_at(DiskFault::io_error, 1, true);
  try {
    store->request_cancel("old");
    FAIL() << "wrote on a broken disk";
  } catch (const Error& error) {
    EXPECT_THAT(error.remedy(), HasSubstr("dmesg"));
  }
  disk.fail_at(DiskFault::full, 1, true);
  try {
    store->request_cancel("old");
    FAIL() << "wrote on a full disk";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("full"));
    EXPECT_THAT(error.remedy(), HasSubstr("make room"));
  }
}

}  // namespace
}  // namespace bdrmesh
