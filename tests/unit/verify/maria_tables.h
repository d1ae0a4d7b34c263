// Two members that are two schemas of one MariaDB: what verification reads of rows, on a real
// engine. Where TiDB's text differs from MariaDB's, docs/adr/0006-row-digest.md says so.
#pragma once

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "clients/tidb/sql_table_reader.h"
#include "ddl/table_definition.h"
#include "unit/clients/maria_server.h"
#include "verify/chunk_pass.h"
#include "verify/row_search.h"
#include "verify/table_read.h"

namespace bdrmesh::verify {

inline const SystemClock kRealClock;

class MariaTables : public testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_maria() == nullptr) GTEST_SKIP() << "no mariadbd on this machine";
    connector_.emplace(SqlAccess{{ServerAddress(test::shared_maria()->address())},
                                 "bdrmesh",
                                 [] { return Secret("it's"); },
                                 {}},
                       kRealClock);
    for (const ClusterName& member : members_) {
      sessions_.emplace(member, connector_->open_any(call()));
      run(member, "SET sql_mode = ''");
      run(member, "CREATE DATABASE IF NOT EXISTS " + member.value() +
                      " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
      run(member, "USE " + member.value());
    }
  }

  static Call call() { return {kRealClock.mono() + std::chrono::seconds(120), {}}; }

  void run(const ClusterName& member, const std::string& sql) {
    sessions_.at(member).change(sql, "prepare a test");
  }

  /// The same table `t` on both members.
  void make(const std::string& definition, const std::string& rows) {
    for (const ClusterName& member : members_) {
      run(member, "DROP TABLE IF EXISTS t");
      run(member, "CREATE TABLE t " + definition);
      if (!rows.empty()) run(member, "INSERT INTO t VALUES " + rows);
    }
    read_ = plan_reading({"", "t"}, ddl::parse_table("CREATE TABLE t " + definition)).read;
  }

  /// Each member's reader looks at its own schema.
  class Redirected;
  MakeReader maker() {
    return [this](const ClusterName& member, std::size_t) { return reader(member); };
  }
  std::unique_ptr<TableReader> reader(const ClusterName& member);

  PassState pass(PassOptions options = {}) {
    PassState state;
    const MakeReader make = maker();
    ChunkPass(read_, members_, make, options, kRealClock)
        .run(
            state, [](const PassState&) {}, call());
    return state;
  }

  std::vector<DifferingRow> rows_that_differ(const PassState& state) {
    const MakeReader make = maker();
    RowSearch search(read_, members_, make, kRealClock, search_options_);
    const SearchResult result = search.search(state.differing, call());
    EXPECT_TRUE(result.not_searched.empty());
    return result.rows;
  }

  const std::vector<ClusterName> members_{ClusterName("east"), ClusterName("west")};
  std::optional<SqlConnector> connector_;
  std::map<ClusterName, SqlSession> sessions_;
  TableRead read_;
  SearchOptions search_options_;
};

/// Puts the member's schema in front of the table's name.
class MariaTables::Redirected final : public TableReader {
 public:
  Redirected(const SqlConnector& connector, ClusterName member)
      : inner_(connector, std::nullopt, 0), member_(std::move(member)) {}

  std::optional<std::string> definition(const TableName& table, const Call& call) override {
    return inner_.definition({member_.value(), table.table}, call);
  }
  std::uint64_t estimated_rows(const TableName& table, const Call& call) override {
    return inner_.estimated_rows({member_.value(), table.table}, call);
  }
  std::optional<CutKey> key_at(const TableRead& read, const KeyRange& range, std::uint64_t nth,
                               const Call& call) override {
    return inner_.key_at(mine(read), range, nth, call);
  }
  RangeDigest digest(const TableRead& read, const KeyRange& range, Millis limit,
                     const Call& call) override {
    return inner_.digest(mine(read), range, limit, call);
  }
  std::vector<RowHash> hashes(const TableRead& read, const KeyRange& range, std::uint64_t most,
                              const Call& call) override {
    return inner_.hashes(mine(read), range, most, call);
  }
  std::vector<RowHash> hashes_of(const TableRead& read, const std::vector<RowKey>& keys,
                                 const Call& call) override {
    return inner_.hashes_of(mine(read), keys, call);
  }
  std::map<std::string, RangeDigest> digests_by_hash(const TableRead& read,
                                                     const std::string& prefix, std::size_t digits,
                                                     Millis limit, const Call& call) override {
    return inner_.digests_by_hash(mine(read), prefix, digits, limit, call);
  }
  std::optional<RowValues> values(const TableRead& read, const RowKey& key,
                                  const Call& call) override {
    return inner_.values(mine(read), key, call);
  }
  std::vector<RowValues> breaking(const RowNeed& need, std::size_t most, Millis limit,
                                  const Call& call) override {
    RowNeed mine = need;
    mine.table.schema = member_.value();
    return inner_.breaking(mine, most, limit, call);
  }

 private:
  TableRead mine(TableRead read) const {
    read.table.schema = member_.value();
    return read;
  }

  SqlTableReader inner_;
  ClusterName member_;
};

inline std::unique_ptr<TableReader> MariaTables::reader(const ClusterName& member) {
  return std::make_unique<Redirected>(*connector_, member);
}

}  // namespace bdrmesh::verify
