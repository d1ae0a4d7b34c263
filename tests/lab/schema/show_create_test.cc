// The recorded dialogue of a real server about SHOW CREATE, statement by statement.
#include <fstream>
#include <set>

#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

struct Exchange {
  std::string sql;
  std::string answer;
};

/// `root> statement` and the lines up to the next one; remarks end an answer.
std::vector<Exchange> read_dialogue(const std::string& name) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/" + name);
  std::vector<Exchange> all;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("root> ", 0) == 0) {
      all.push_back({line.substr(6), ""});
    } else if (line.rfind("-- ", 0) == 0) {
      if (line.find("ALTERs") == std::string::npos) break;  // other session settings: cut by hand
    } else if (!all.empty()) {
      all.back().answer += (all.back().answer.empty() ? "" : "\n") + line;
    }
  }
  return all;
}

/// Tables of the recording that the engine cannot make, or prints in its own words.
bool is_known_gap(const std::string& sql) {
  static const std::set<std::string> kGaps = {
      "num",                 // text of a DECIMAL default
      "str",                 // bytes that are no text
      "jsn",  "idx",         // vectors, indexes on expressions
      "ai",                  // recorded between two inserts that were not
      "fkc",                 // NOT ENFORCED
      "plst",                // order of values
      "pint", "pg",  "pg2",  // INTERVAL partitions, global indexes without the partition's key
      "opt",                 // COMPRESSION
      "gtt",                 // global temporary tables
      "v1",   "v2"};         // a view's query in the engine's words
  const std::size_t at = sql.find("show create");
  if (at != 0) return false;
  return kGaps.count(sql.substr(sql.rfind(' ') + 1)) > 0;
}

/// The interval became a day after v8.5.
std::string of_8_5(std::string text, const std::string& created) {
  const std::string later = "TTL_JOB_INTERVAL='24h'";
  const std::size_t at = text.find(later);
  if (at != std::string::npos && created.find("ttl_job_interval") == std::string::npos) {
    text.replace(at, later.size(), "TTL_JOB_INTERVAL='1h'");
  }
  return text;
}

class ShowCreate : public ClusterTest {};

TEST_F(ShowCreate, S20_IsWhatARealServerPrints) {
  auto client = connect("root");
  client.run("CREATE DATABASE sc");
  client.run("USE sc");
  std::string created;
  int compared = 0;
  for (const Exchange& each : read_dialogue("real-9.0dev-show-create-table.txt")) {
    if (each.sql.rfind("show create", 0) != 0) {
      created = each.sql;
      client.error_of(each.sql);
      // The recording leaves out that the setting was taken back.
      if (created.find(" clu3(") != std::string::npos) {
        client.run("SET tidb_enable_clustered_index = DEFAULT");
      }
      continue;
    }
    if (is_known_gap(each.sql)) continue;
    ++compared;
    try {
      const auto rows = client.rows(each.sql);
      ASSERT_FALSE(rows.empty()) << each.sql;
      EXPECT_EQ(rows[0][1], of_8_5(each.answer, created)) << each.sql;
    } catch (const sql::SQLException& e) {
      ADD_FAILURE() << each.sql << ": " << e.what();
    }
  }
  EXPECT_GT(compared, 20);
}

}  // namespace
}  // namespace bdrmesh::lab
