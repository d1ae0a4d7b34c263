// Every kind of difference of tests/data/verify/mutations.tsv, planted on one member, is found; and
// none is seen before it is planted.
#include <cstdlib>
#include <gmock/gmock.h>
#include <sstream>

#include "unit/clients/data_files.h"
#include "unit/verify/maria_tables.h"

namespace bdrmesh::verify {
namespace {

struct Mutation {
  std::string name;
  std::string table;
  std::string rows;
  std::string change;
};

std::vector<Mutation> mutations() {
  std::vector<Mutation> all;
  std::istringstream lines(test::read_data("verify/mutations.tsv"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, '\t');) cells.push_back(cell);
    if (cells.size() != 4) throw std::runtime_error("no mutation: " + line);
    all.push_back({cells[0], cells[1], cells[2], cells[3]});
  }
  return all;
}

class Mutations : public MariaTables {};

TEST_F(Mutations, EachIsFoundAndNoneIsInvented) {
  const std::vector<Mutation> all = mutations();
  EXPECT_GE(all.size(), 60U);
  PassOptions small;
  small.first_chunk = 1;
  small.largest_chunk = 2;
  for (const Mutation& mutation : all) {
    SCOPED_TRACE(mutation.name);
    make(mutation.table, mutation.rows);
    for (const PassOptions& options : {PassOptions{}, small}) {
      const PassState before = pass(options);
      EXPECT_TRUE(before.complete);
      EXPECT_TRUE(before.differing.empty()) << to_json(before);
    }
    run(members_.back(), mutation.change);
    for (const PassOptions& options : {PassOptions{}, small}) {
      const PassState after = pass(options);
      EXPECT_FALSE(after.differing.empty());
      EXPECT_FALSE(rows_that_differ(after).empty());
    }
  }
}

TEST_F(Mutations, RowsThatAreWrittenInAnotherOrderAreEqual) {
  make("(v VARCHAR(40), w INT)", "");
  run(members_.front(), "INSERT INTO t VALUES ('a',1),('b',2),('b',2),(NULL,3)");
  run(members_.back(), "INSERT INTO t VALUES (NULL,3),('b',2),('a',1),('b',2)");
  EXPECT_TRUE(pass().differing.empty());
}

/// BDRMESH_EQUAL_ROWS=1000000 for the many.
std::uint64_t rows_on_request(std::uint64_t few) {
  const char* wanted = std::getenv("BDRMESH_EQUAL_ROWS");
  return wanted == nullptr ? few : std::strtoull(wanted, nullptr, 10);
}

TEST_F(Mutations, EqualRowsOfAllTypesStayEqual) {
  const std::uint64_t many = rows_on_request(20000);
  make(
      "(id BIGINT NOT NULL, a VARCHAR(60), b VARCHAR(60) COLLATE utf8mb4_general_ci, c "
      "DECIMAL(30,8), "
      "d DOUBLE, e FLOAT, f DATETIME(6), g TIMESTAMP(3) NULL, h TIME(2), i DATE, j VARBINARY(40), "
      "k BIT(33), l ENUM('a','b,c'), m SET('x','y'), n TEXT, o YEAR, PRIMARY KEY (id))",
      "");
  const std::string rows =
      "INSERT INTO t SELECT seq, IF(seq % 7, MD5(seq), NULL), IF(seq % 11, SHA1(seq), ''), "
      "RAND(seq) * 1e12 - 5e11, RAND(seq + 1) * POW(10, seq % 300), RAND(seq + 2) * 1e6, "
      "'2026-01-01' + INTERVAL seq * 1234567 MICROSECOND, FROM_UNIXTIME(1700000000 + seq), "
      "SEC_TO_TIME(seq), '2000-01-01' + INTERVAL seq % 20000 DAY, UNHEX(SHA1(seq * 3)), seq * 131, "
      "1 + seq % 2, seq % 4, REPEAT(CHAR(44 + seq % 3), seq % 50), 1970 + seq % 100 "
      "FROM seq_1_to_" +
      std::to_string(many);
  run(members_.front(), rows);
  run(members_.back(), rows + " ORDER BY SHA1(seq)");
  const PassState state = pass();
  EXPECT_TRUE(state.differing.empty()) << to_json(state);
  EXPECT_EQ(state.most_rows(), many);
}

TEST_F(Mutations, TenBadRowsOfManyAreNamedEach) {
  make("(id BIGINT NOT NULL, v VARCHAR(40), PRIMARY KEY (id))", "");
  for (const ClusterName& member : members_)
    run(member, "INSERT INTO t SELECT seq * 3, MD5(seq) FROM seq_1_to_30000");
  run(members_.back(), "UPDATE t SET v = 'other' WHERE id IN (3, 300, 9000, 45000, 90000)");
  run(members_.back(), "DELETE FROM t WHERE id IN (6, 60000, 89997)");
  run(members_.back(), "INSERT INTO t VALUES (4, 'new'), (90001, 'new')");
  // Ranges are listed at once, or cut once, or cut into parts that are cut again.
  for (const std::uint64_t leaf : {std::uint64_t{10000}, std::uint64_t{900}, std::uint64_t{10}}) {
    SCOPED_TRACE(leaf);
    search_options_.leaf_rows = leaf;
    const std::vector<DifferingRow> rows = rows_that_differ(pass());
    std::vector<std::string> keys;
    for (const DifferingRow& row : rows) keys.push_back(row.key.front());
    EXPECT_THAT(keys, testing::UnorderedElementsAre("3", "300", "9000", "45000", "90000", "6",
                                                    "60000", "89997", "4", "90001"));
  }
}

TEST_F(Mutations, ASearchEndsWhenItHasRowsEnoughAndSaysWhereItDidNotLook) {
  make("(id BIGINT NOT NULL, v VARCHAR(40), PRIMARY KEY (id))", "");
  for (const ClusterName& member : members_)
    run(member, "INSERT INTO t SELECT seq, MD5(seq) FROM seq_1_to_30000");
  run(members_.back(), "UPDATE t SET v = 'other'");
  const MakeReader make = maker();
  SearchOptions options;
  options.most_rows = 100;
  RowSearch search(read_, members_, make, kRealClock, options);
  const PassState state = pass();
  ASSERT_GT(state.differing.size(), 1U);
  const SearchResult found = search.search(state.differing, call());
  EXPECT_EQ(found.rows.size(), 100U);
  EXPECT_EQ(found.not_searched.size(), state.differing.size());
}

TEST_F(Mutations, APassGoesOnWhereAnotherStopped) {
  make("(a VARCHAR(10) NOT NULL, b INT NOT NULL, v INT, PRIMARY KEY (a, b))", "");
  for (const ClusterName& member : members_)
    run(member, "INSERT INTO t SELECT CONCAT('k', seq % 5), seq, seq FROM seq_1_to_5000");
  run(members_.back(), "UPDATE t SET v = 0 WHERE b IN (10, 4990)");
  PassOptions options;
  options.largest_chunk = 500;
  const MakeReader make_reader = maker();
  PassState state;
  std::stop_source stop;
  Call stoppable = call();
  stoppable.stop = stop.get_token();
  ChunkPass first(read_, members_, make_reader, options, kRealClock);
  EXPECT_THROW(first.run(
                   state,
                   [&](const PassState& now) {
                     if (now.chunks == 3) stop.request_stop();
                   },
                   stoppable),
               Error);
  ASSERT_FALSE(state.complete);
  PassState again = pass_state_from(to_json(state));
  ChunkPass second(read_, members_, make_reader, options, kRealClock);
  second.run(
      again, [](const PassState&) {}, call());
  EXPECT_TRUE(again.complete);
  EXPECT_EQ(again.most_rows(), 5000U);
  EXPECT_EQ(rows_that_differ(again).size(), 2U);
}

}  // namespace
}  // namespace bdrmesh::verify
