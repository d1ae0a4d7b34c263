#include "lab/redo/redo_files.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random_id.h"
#include "lab/redo/redo_log.h"

namespace bdrmesh::lab {
namespace {

using ::testing::MatchesRegex;
using ::testing::UnorderedElementsAre;

constexpr const char* kUuid = "[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+";

class RedoFilesTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_); }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      out.push_back(entry.path().filename().string());
    }
    return out;
  }
  void touch(const std::string& name, const std::string& content = "x") {
    std::ofstream(directory_ / name) << content;
  }
  RedoOptions options() const {
    RedoOptions out;
    out.storage = "file://" + directory_.string();
    out.meta_flush_interval = Millis{0};
    return out;
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("bdr-redo-" + random_id(8));
  const RedoOwner owner_{"127.0.0.1:2183", "default", "tr", 0};
};

TEST_F(RedoFilesTest, T24_NamesAreThoseOfTiCDC) {
  EXPECT_THAT(redo_log_name(owner_, "row", 470616),
              MatchesRegex(std::string("127.0.0.1:2183_tr_row_470616_") + kUuid + ".log"));
  EXPECT_THAT(redo_meta_name(owner_),
              MatchesRegex(std::string("127.0.0.1:2183_default_tr_meta_") + kUuid + ".meta"));
  EXPECT_EQ(redo_marker_name(owner_), "delete_tr");
  EXPECT_EQ(max_commit_ts_of(redo_log_name(owner_, "ddl", 42)), 42U);
  EXPECT_THAT(redo_log_name({"a:1", "ns", "f", 0}, "row", 1), MatchesRegex("a:1_ns_f_row_1_.*"));
}

TEST_F(RedoFilesTest, StoragesAreThoseOfTiCDC) {
  EXPECT_EQ(redo_directory("file:///redo/a?x=1"), std::filesystem::path("/redo/a"));
  EXPECT_EQ(redo_directory("nfs:///redo"), std::filesystem::path("/redo"));
  EXPECT_EQ(redo_directory("local:///redo"), std::filesystem::path("/redo"));
  EXPECT_EQ(redo_directory("blackhole://"), std::nullopt);
  try {
    redo_directory("xx://a");
    FAIL() << "accepted";
  } catch (const RedoStorageError& e) {
    EXPECT_EQ(e.message(), "[CDC:ErrConsistentStorage]consistent storage (xx) not support");
  }
  EXPECT_THROW(redo_directory(""), RedoStorageError);
  EXPECT_THROW(redo_directory("s3://bucket/x"), RedoStorageError);
}

TEST_F(RedoFilesTest, T17_ForgettingRemovesTheFeedsFilesAndLeavesAMarker) {
  touch("1.2.3.4:8300_tr_row_1_old.log");
  touch("1.2.3.4:8300_other_row_1_old.log");
  const SystemClock clock;
  RedoLog log(clock, options(), owner_, 100);
  log.forget();
  log.note_checkpoint(200);
  EXPECT_THAT(names(), UnorderedElementsAre("delete_tr", "1.2.3.4:8300_other_row_1_old.log"));
}

TEST_F(RedoFilesTest, T17_TheNextOfTheSameIdClearsLeftoversAndTheMarker) {
  touch("delete_tr");
  touch("1.2.3.4:8300_tr_row_1_old.log");
  const SystemClock clock;
  const RedoLog log(clock, options(), owner_, 100);
  EXPECT_THAT(names(), UnorderedElementsAre(MatchesRegex(".*_default_tr_meta_.*")));
}

TEST_F(RedoFilesTest, T17_AReusedPrefixTakesTheMaximaOfOldMetas) {
  touch("a:1_default_x_meta_1.meta", encode_meta({500, 900, 0, "default/x"}));
  touch("a:1_default_y_meta_2.meta", encode_meta({700, 800, 0, "default/y"}));
  const SystemClock clock;
  const RedoLog log(clock, options(), owner_, 100);
  const RedoMetas metas = read_metas(directory_);
  EXPECT_EQ(metas.files.size(), 1U);
  EXPECT_EQ(metas.sum.checkpoint, 700U);
  EXPECT_EQ(metas.sum.resolved, 900U);
}

TEST_F(RedoFilesTest, RecordsComeBackAsTheyWere) {
  TableMap table;
  table.schema = "a\"b";
  table.name = "t";
  table.columns = {{ColumnType::integer, 0, false, "id"}, {ColumnType::blob, 0, false, "ü"}};
  KeyedChange row;
  row.change = {std::make_shared<const TableMap>(table),
                RowKind::update,
                {{{Value::Kind::number, "1"}, {}},
                 {{Value::Kind::number, "1"}, {Value::Kind::bytes, std::string("\0'\xff", 3)}}},
                5,
                6};
  row.key = {0};
  const auto back = decode_record(encode_row(row));
  ASSERT_TRUE(back && back->row);
  EXPECT_EQ(back->commit_ts, 6U);
  EXPECT_EQ(back->row->change.image.after, row.change.image.after);
  EXPECT_EQ(back->row->change.image.before, row.change.image.before);
  EXPECT_EQ(back->row->change.table->schema, "a\"b");
  EXPECT_EQ(back->row->key, row.key);
  EXPECT_THROW(decode_record(encode_row(row).substr(0, 20)), Error);
}

TEST_F(RedoFilesTest, FaultsCutTheNewestLogAndTakeMetasAway) {
  touch("a:1_tr_row_5_1.log", "12345678");
  touch("a:1_tr_row_9_1.log", "12345678");
  touch("a:1_default_tr_meta_1.meta", "x");
  EXPECT_EQ(truncate_last_redo_file(directory_), "a:1_tr_row_9_1.log");
  EXPECT_EQ(std::filesystem::file_size(directory_ / "a:1_tr_row_9_1.log"), 4U);
  EXPECT_EQ(remove_redo_metas(directory_), 1U);
}

}  // namespace
}  // namespace bdrmesh::lab
