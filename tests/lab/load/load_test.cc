// The load's pure parts: what the ledger keeps, expects, and says about a pause.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random_id.h"
#include "lab/load/ledger.h"
#include "lab/load/ledger_check.h"
#include "lab/load/load_json.h"
#include "lab/load/load_target.h"
#include "lab/load/pause_window.h"
#include "lab/load/refusals.h"
#include "lab/load/txn_source.h"

namespace bdrmesh::lab::load {
namespace {

using testing::ElementsAre;

class LoadTest : public testing::Test {
 protected:
  LoadTest() { std::filesystem::create_directories(dir_); }
  ~LoadTest() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path file(const std::string& name, const std::string& text) const {
    std::ofstream(dir_ / name) << text;
    return dir_ / name;
  }

  const std::filesystem::path dir_ =
      std::filesystem::temp_directory_path() / ("load " + random_id(8));
};

LedgerEntry entry_at(int ms, const std::string& cluster, Outcome outcome) {
  LedgerEntry entry;
  entry.at = from_millis(ms);
  entry.cluster = cluster;
  entry.outcome = outcome;
  return entry;
}

RowWrite order(RowOp op, std::int64_t id, const std::string& amount) {
  RowWrite row{op, "orders", id, {}};
  if (op != RowOp::remove) row.values = {{"amount", amount}, {"note", "it's"}};
  return row;
}

LedgerEntry entry(Outcome outcome, std::vector<RowWrite> rows, std::uint64_t commit_ts = 7) {
  return {from_millis(1000), "east", "127.0.0.1:1", outcome, 5, commit_ts, 0, std::move(rows)};
}

const std::set<std::string> kAllColumns{"amount", "note"};
const std::map<std::string, std::string> kOldValues{{"amount", "1.00"}, {"note", "it's"}};
const std::map<std::string, std::string> kNewValues{{"amount", "2.00"}, {"note", "it's"}};

TEST_F(LoadTest, LedgerGivesBackWhatWasAppended) {
  const auto path = dir_ / "ledger.jsonl";
  const LedgerEntry written =
      entry(Outcome::committed, {order(RowOp::insert, 1, "1.00"), order(RowOp::remove, 2, "")},
            456'789'012'345'678'901);
  LedgerFile(path).append(written);
  std::vector<LedgerEntry> read;
  read_ledger(path, [&read](const LedgerEntry& e) { read.push_back(e); });
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].rows, written.rows);
  EXPECT_EQ(read[0].commit_ts, written.commit_ts);
  EXPECT_EQ(read[0].at, written.at);
  EXPECT_EQ(read[0].outcome, Outcome::committed);
}

TEST_F(LoadTest, TornLastLineIsLeftOutAndABrokenOneInTheMiddleIsNamed) {
  const auto torn = file("torn", R"({"at_ms":1,"cluster":"e","outcome":"committed"})"
                                 "\n{\"at_ms\":1,\"clu");
  int entries = 0;
  read_ledger(torn, [&entries](const LedgerEntry&) { ++entries; });
  EXPECT_EQ(entries, 1);
  const auto broken = file("broken", "{\"at\n{}\n");
  EXPECT_THROW(read_ledger(broken, [](const LedgerEntry&) {}), Error);
}

TEST_F(LoadTest, AcknowledgedRowMustBeThereWithItsLastValues) {
  Expectations expected;
  expected.add(entry(Outcome::committed, {order(RowOp::insert, 1, "1.00")}));
  expected.add(entry(Outcome::committed, {order(RowOp::update, 1, "2.00")}));
  EXPECT_TRUE(expected.allows({"orders", 1}, kNewValues, kAllColumns));
  EXPECT_FALSE(expected.allows({"orders", 1}, kOldValues, kAllColumns));
  EXPECT_FALSE(expected.allows({"orders", 1}, RowState{}, kAllColumns));
}

TEST_F(LoadTest, UnknownOutcomeIsNoLossEitherWay) {
  Expectations expected;
  expected.add(entry(Outcome::committed, {order(RowOp::insert, 1, "1.00")}));
  expected.add(entry(Outcome::unknown, {order(RowOp::remove, 1, "")}));
  EXPECT_TRUE(expected.allows({"orders", 1}, kOldValues, kAllColumns));
  EXPECT_TRUE(expected.allows({"orders", 1}, RowState{}, kAllColumns));
  EXPECT_FALSE(expected.allows({"orders", 1}, kNewValues, kAllColumns));
}

TEST_F(LoadTest, RefusedRowMustNotBeThere) {
  Expectations expected;
  expected.add(entry(Outcome::refused, {order(RowOp::insert, 1, "1.00")}));
  EXPECT_TRUE(expected.allows({"orders", 1}, RowState{}, kAllColumns));
  EXPECT_FALSE(expected.allows({"orders", 1}, kOldValues, kAllColumns));
}

TEST_F(LoadTest, DroppedColumnIsNotCompared) {
  Expectations expected;
  expected.add(entry(Outcome::committed, {order(RowOp::insert, 1, "1.00")}));
  const std::map<std::string, std::string> without_note{{"amount", "1.00"}};
  EXPECT_TRUE(expected.allows({"orders", 1}, without_note, {"amount"}));
}

TEST_F(LoadTest, CommitBetweenFenceAndOpeningIsFound) {
  const auto path = dir_ / "ledger";
  LedgerFile ledger(path);
  for (const std::uint64_t ts : {10, 20, 21, 30}) {
    ledger.append(entry(Outcome::committed, {order(RowOp::insert, 1, "1.00")}, ts));
  }
  const auto clean = check_windows(path, {parse_window("east:21:30")});
  EXPECT_TRUE(clean.at(0).clean());
  EXPECT_EQ(clean.at(0).before, 3U);
  EXPECT_EQ(clean.at(0).after, 1U);
  const auto dirty = check_windows(path, {parse_window("east:20:30")});
  EXPECT_FALSE(dirty.at(0).clean());
  EXPECT_EQ(dirty.at(0).inside, 1U);
}

TEST_F(LoadTest, CommitWithoutPositionProvesNothing) {
  const auto path = dir_ / "ledger";
  LedgerFile(path).append(entry(Outcome::committed, {order(RowOp::insert, 1, "1.00")}, 0));
  EXPECT_FALSE(check_windows(path, {parse_window("east:20:30")}).at(0).clean());
}

TEST_F(LoadTest, WindowsAreReadFromAnOperationsFacts) {
  const auto path = file("op.json", R"({"facts":[
      {"name":"fence","scope":"east","value":{"tso":"456789012345678901"}},
      {"name":"opening","scope":"east","value":{"tso":"456789012345678999"}}]})");
  EXPECT_THAT(windows_of_operation(path),
              ElementsAre(PauseWindow{"east", 456789012345678901, 456789012345678999}));
  const auto half = file("half.json", R"([{"name":"fence","scope":"east","value":"1"}])");
  EXPECT_THROW(windows_of_operation(half), Error);
  EXPECT_THROW(parse_window("east:5"), Error);
  EXPECT_THROW(parse_window("east:9:9"), Error);
}

TEST_F(LoadTest, WritersNeverMeet) {
  const WallTime start = from_millis(1'790'000'000'000);
  std::set<std::int64_t> ids;
  std::size_t inserted = 0;
  for (const int source_id : {1, 8}) {
    for (const int writer : {0, 1, 15}) {
      TxnSource source("east", KeyRange::of(source_id, start, writer), 42);
      for (int i = 0; i < 200; ++i) {
        const auto rows = source.next(start);
        source.committed(rows);
        for (const RowWrite& row : rows) {
          if (row.op != RowOp::insert) continue;
          EXPECT_GT(row.id, 0);
          ids.insert(row.id);
          ++inserted;
        }
      }
    }
  }
  EXPECT_EQ(ids.size(), inserted);
}

TEST_F(LoadTest, RowOfALostTransactionIsNeverTouchedAgain) {
  TxnSource source("east", KeyRange::of(1, from_millis(0), 0), 1);
  std::set<std::int64_t> lost;
  for (int i = 0; i < 500; ++i) {
    const auto rows = source.next(from_millis(0));
    for (const RowWrite& row : rows) EXPECT_FALSE(lost.contains(row.id));
    if (i % 7 != 0) {
      source.committed(rows);
      continue;
    }
    source.lost(rows);
    for (const RowWrite& row : rows) lost.insert(row.id);
  }
}

TEST_F(LoadTest, StatementNamesOnlyColumnsThatAreThere) {
  RowWrite row = order(RowOp::insert, 3, "1.00");
  EXPECT_EQ(statement_for(row, kAllColumns),
            "INSERT INTO app.orders (id, amount, note) VALUES (3, '1.00', 'it\\'s')");
  EXPECT_EQ(statement_for(row, {"amount"}),
            "INSERT INTO app.orders (id, amount) VALUES (3, '1.00')");
  row.op = RowOp::update;
  EXPECT_EQ(statement_for(row, {"amount"}), "UPDATE app.orders SET amount = '1.00' WHERE id = 3");
}

TEST_F(LoadTest, TargetsComeFromTheProductsConfiguration) {
  file("east-app.password", "pw\n");
  const auto config = file("bdrmesh.toml",
                           "[[cluster]]\nname = \"east\"\nsource_id = 1\n"
                           "tidb = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n"
                           "password = \"file:" +
                               (dir_ / "east.password").string() + "\"\n");
  const auto targets = load_targets(config, {});
  ASSERT_EQ(targets.size(), 1U);
  EXPECT_EQ(targets[0].password, Secret("pw"));
  EXPECT_THAT(targets[0].servers, ElementsAre("127.0.0.1:1", "127.0.0.1:2"));
  EXPECT_THROW(load_targets(dir_ / "nothing.toml", {}), Error);
  EXPECT_THROW(load_targets(file("empty.toml", ""), {}), Error);
}

TEST_F(LoadTest, UpsertSaysTheValuesTwiceAndIsExpectedLikeAnInsert) {
  const RowWrite row = order(RowOp::upsert, 3, "2.00");
  EXPECT_EQ(statement_for(row, {"amount"}),
            "INSERT INTO app.orders (id, amount) VALUES (3, '2.00') ON DUPLICATE KEY UPDATE amount "
            "= '2.00'");
  Expectations expected;
  expected.add(entry(Outcome::committed, {order(RowOp::insert, 3, "1.00")}));
  expected.add(entry(Outcome::committed, {row}));
  EXPECT_TRUE(expected.allows({"orders", 3}, kNewValues, kAllColumns));
  EXPECT_FALSE(expected.allows({"orders", 3}, kOldValues, kAllColumns));
}

TEST_F(LoadTest, RowThatOthersWriteTooIsNotExpectedByAnybody) {
  const auto path = dir_ / "ledger";
  RowWrite row = order(RowOp::update, 1, "1.00");
  row.shared = true;
  LedgerFile(path).append(entry(Outcome::committed, {row}));
  EXPECT_TRUE(read_expectations(path).rows().empty());
}

TEST_F(LoadTest, HotOrdersGetMostChangesAndSharedOnesComeOnlyOnRequest) {
  TxnSource source("east", KeyRange::of(1, from_millis(0), 0), 7, {.own = 2, .shared = 3});
  std::map<std::int64_t, int> changes;
  int shared = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto rows = source.next(from_millis(0));
    source.committed(rows);
    if (rows.front().shared) {
      ++shared;
      EXPECT_LE(rows.front().id, 3);
    } else if (rows.front().op == RowOp::update || rows.front().op == RowOp::upsert) {
      ++changes[rows.front().id];
    }
  }
  EXPECT_GT(shared, 100);
  std::vector<int> counts;
  for (const auto& [id, count] : changes) counts.push_back(count);
  std::ranges::sort(counts, std::greater<>());
  ASSERT_GT(counts.size(), 10U);
  EXPECT_GT(counts[0], 10 * counts[10]);
}

TEST_F(LoadTest, RefusalLastsFromTheFirstRefusedAttemptToTheNextCommit) {
  const auto path = dir_ / "ledger";
  {
    LedgerFile ledger(path);
    ledger.append(entry_at(100, "east", Outcome::committed));
    ledger.append(entry_at(200, "east", Outcome::refused));
    ledger.append(entry_at(250, "west", Outcome::committed));
    ledger.append(entry_at(300, "east", Outcome::refused));
    ledger.append(entry_at(700, "east", Outcome::committed));
    ledger.append(entry_at(800, "east", Outcome::unknown));
    ledger.append(entry_at(900, "east", Outcome::refused));
  }
  const Refusals east{"east", 4, 2, Millis{500}, Millis{600}, from_millis(200)};
  const Refusals west{"west", 0, 0, Millis{0}, Millis{0}, WallTime{}};
  EXPECT_THAT(refusals_in(path), ElementsAre(east, west));
  EXPECT_EQ(to_json(refusals_in(path)).at(0).at("longest_ms"), 500);
}

}  // namespace
}  // namespace bdrmesh::lab::load
