// DESC of TiDB's own tables, one case per recorded answer.
#include "lab/schema/memory_tables.h"

#include <fstream>
#include <gmock/gmock.h>

namespace bdrmesh::lab {
namespace {

/// The cells of a client's table with borders, without its heading.
std::vector<std::vector<std::string>> read_table(const std::string& name) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] != '|') continue;
    std::vector<std::string> cells;
    for (std::size_t at = 1; at < line.size();) {
      const std::size_t end = line.find('|', at);
      std::string cell = line.substr(at, end - at);
      cell.erase(0, cell.find_first_not_of(' '));
      cell.erase(cell.find_last_not_of(' ') + 1);
      cells.push_back(cell);
      at = end + 1;
    }
    rows.push_back(std::move(cells));
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

struct Recorded {
  std::string file;
  std::string table;
  Version version;
};

class DescribedTables : public testing::TestWithParam<Recorded> {};

TEST_P(DescribedTables, S20_AreWhatARealServerShows) {
  const MemoryTable* table = find_memory_table(GetParam().table, GetParam().version);
  ASSERT_NE(table, nullptr);
  std::vector<std::vector<std::string>> rows;
  for (const MemoryColumn& column : table->columns) {
    rows.push_back({column.name, column.type, column.nullable ? "YES" : "NO",
                    column.primary ? "PRI" : "", column.initial == "-" ? "NULL" : column.initial,
                    ""});
  }
  EXPECT_EQ(rows, read_table(GetParam().file));
}

INSTANTIATE_TEST_SUITE_P(
    Recordings, DescribedTables,
    testing::Values(Recorded{"desc-cluster-info-8.5.txt", "cluster_info", {8, 5, 3}},
                    Recorded{"desc-cluster-tidb-trx-8.5.txt", "cluster_tidb_trx", {8, 5, 3}},
                    Recorded{"desc-data-lock-waits-8.5.txt", "data_lock_waits", {8, 5, 3}},
                    Recorded{"desc-processlist-6.5.txt", "processlist", {6, 5, 9}},
                    Recorded{"desc-processlist-7.5.txt", "processlist", {7, 5, 6}},
                    Recorded{"desc-processlist-8.5.txt", "processlist", {8, 5, 3}},
                    Recorded{"desc-tidb-trx-8.5.txt", "tidb_trx", {6, 5, 9}}));

}  // namespace
}  // namespace bdrmesh::lab
