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

/// The definition inside a client's answer, from `CREATE TABLE` or ") ENGINE" to its last line.
std::string recorded_definition(const std::string& name, const std::string& from) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/" + name);
  std::string text;
  for (std::string line; std::getline(in, line);) {
    const std::size_t at = text.empty() ? line.find(from) : 0;
    if (at == std::string::npos) continue;
    line.erase(0, at);
    const bool last = line.rfind(") ENGINE", 0) == 0;
    if (const std::size_t bar = line.rfind(" |"); last && bar != std::string::npos) line.erase(bar);
    if (last && line.back() == ';') line.pop_back();
    if (line.rfind("1 row", 0) == 0) break;
    text += (text.empty() ? "" : "\n") + line;
    if (last && in.peek() != 'P') break;
  }
  return text;
}

struct Recording {
  std::string file;
  std::string needed;  ///< statements first, separated by semicolons
};

class RecordedDefinition : public ClusterTest, public testing::WithParamInterface<Recording> {};

TEST_P(RecordedDefinition, S20_ComesBackAsItWasMade) {
  auto client = connect("root");
  client.run("CREATE DATABASE IF NOT EXISTS test");
  client.run("USE test");
  if (!GetParam().needed.empty()) client.run(GetParam().needed);
  const std::string definition = recorded_definition(GetParam().file, "CREATE TABLE `");
  ASSERT_FALSE(definition.empty());
  const std::size_t quote = definition.find('`') + 1;
  const std::string name = definition.substr(quote, definition.find('`', quote) - quote);
  ASSERT_EQ(client.error_of(definition), "");
  EXPECT_EQ(client.rows("SHOW CREATE TABLE `" + name + "`")[0][1], definition);
  client.run("DROP TABLE `" + name + "`");
}

INSTANTIATE_TEST_SUITE_P(Recordings, RecordedDefinition,
                         testing::Values(Recording{"show-create-auto-id-cache-8.5.txt", ""},
                                         Recording{"show-create-auto-random-pre-split-8.5.txt", ""},
                                         Recording{"show-create-clustered-8.5.txt", ""},
                                         Recording{"show-create-placement-8.5.txt", ""}));

TEST_F(ShowCreate, S20_OptionsStandInTheOrderOfRecordedTables) {
  auto client = connect("root");
  client.run("USE " + schema_);
  const auto tail_of = [&](const std::string& create) {
    client.run("DROP TABLE IF EXISTS o");
    client.run(create);
    const std::string text = client.rows("SHOW CREATE TABLE o")[0][1];
    return text.substr(text.find(") ENGINE"));
  };
  EXPECT_EQ(tail_of("CREATE TABLE o (id BIGINT, expire_at DATETIME, PRIMARY KEY (id) NONCLUSTERED) "
                    "SHARD_ROW_ID_BITS=4 TTL=expire_at + INTERVAL 1 DAY TTL_JOB_INTERVAL='24h'"),
            recorded_definition("show-create-shard-rowid-ttl-table.txt", ") ENGINE"));
  EXPECT_EQ(tail_of("CREATE TABLE o (id BIGINT PRIMARY KEY AUTO_INCREMENT, requested_at DATETIME) "
                    "AUTO_INCREMENT=2430001 TTL=requested_at + INTERVAL 1 MONTH "
                    "TTL_JOB_INTERVAL='15m'"),
            recorded_definition("show-create-ttl-auto-increment-table.txt", ") ENGINE"));
  EXPECT_EQ(tail_of("CREATE TABLE o (id BIGINT PRIMARY KEY, created_at DATETIME) TTL=created_at + "
                    "INTERVAL 1 MONTH"),
            recorded_definition("show-create-ttl-table.txt", ") ENGINE"));
  client.run("DROP TABLE o");
  client.run("CREATE TABLE o (id BIGINT PRIMARY KEY)");
  client.run("ALTER TABLE o CACHE");
  const std::string cached = client.rows("SHOW CREATE TABLE o")[0][1];
  EXPECT_EQ(cached.substr(cached.find(") ENGINE")),
            recorded_definition("show-create-cached-8.5.txt", ") ENGINE"));
}

TEST_F(ShowCreate, S20_AlterChangesWhatOnlyTidbHas) {
  auto client = connect("root");
  client.run("USE " + schema_);
  client.run("CREATE TABLE o (id BIGINT PRIMARY KEY, d DATETIME) TTL = d + INTERVAL 1 DAY");
  client.run("ALTER TABLE o TTL_ENABLE = 'OFF'");
  EXPECT_THAT(client.rows("SHOW CREATE TABLE o")[0][1], testing::HasSubstr("TTL_ENABLE='OFF'"));
  client.run("ALTER TABLE o REMOVE TTL, ADD COLUMN c INT");
  EXPECT_THAT(client.rows("SHOW CREATE TABLE o")[0][1],
              testing::AllOf(testing::Not(testing::HasSubstr("TTL")), testing::HasSubstr("`c`")));
  client.run("ALTER TABLE o PLACEMENT POLICY = pp");
  client.run("CREATE TABLE l LIKE o");
  EXPECT_THAT(client.rows("SHOW CREATE TABLE l")[0][1],
              testing::HasSubstr("/*T![placement] PLACEMENT POLICY=`pp` */"));
}

}  // namespace
}  // namespace bdrmesh::lab
