// The rules against what real servers answered.
#include <gmock/gmock.h>
#include <map>
#include <set>

#include "lab/parse/bdr_rules.h"
#include "lab/parse/dialect.h"
#include "tsv.h"

namespace bdrmesh::lab {
namespace {

/// The objects that stood in schema bd when real-bdr-classification.tsv was recorded.
class RecordedSchema final : public SchemaView {
 public:
  bool has_schema(const std::string& schema) const override {
    static const std::set<std::string> kSchemas = {"bd", "mysql", "sys", "workload_schema"};
    return kSchemas.count(schema) > 0;
  }
  bool has_table(const ObjectName& table) const override {
    static const std::set<std::string> kNames = {"t",   "tg", "t2", "nc", "nopk", "ai",  "arn", "p",
                                                 "px",  "pl", "ph", "pi", "par",  "chd", "v",   "s",
                                                 "ttl", "ck", "ca", "tx", "dt",   "vc"};
    return table.schema != "bd" || kNames.count(table.name) > 0;
  }
  bool has_index(const ObjectName&, const std::string& index) const override {
    static const std::set<std::string> kNames = {"ka", "kab", "ub"};
    return kNames.count(index) > 0;
  }
  bool has_partition(const ObjectName&, const std::string& partition) const override {
    return partition == "p0" || partition == "p1";
  }
  std::optional<std::string> column_type(const ObjectName& table,
                                         const std::string& column) const override {
    static const std::map<std::string, std::string> kTypes = {{"t.id", "bigint"},
                                                              {"t.a", "int"},
                                                              {"t.b", "varchar(20)"},
                                                              {"t.c", "int"},
                                                              {"tg.g", "int"},
                                                              {"tx.dc", "decimal(10,2)"},
                                                              {"tx.en", "enum('a','b')"},
                                                              {"tx.dt", "datetime"},
                                                              {"tx.ts", "timestamp"},
                                                              {"ai.id", "bigint"}};
    const auto found = kTypes.find(table.name + "." + column);
    if (found == kTypes.end()) return std::nullopt;
    return found->second;
  }
};

/// Everything exists, every column is an INT.
class AnySchema final : public SchemaView {
 public:
  bool has_schema(const std::string&) const override { return true; }
  bool has_table(const ObjectName&) const override { return true; }
  bool has_index(const ObjectName&, const std::string&) const override { return true; }
  bool has_partition(const ObjectName&, const std::string&) const override { return true; }
  std::optional<std::string> column_type(const ObjectName&, const std::string&) const override {
    return "int";
  }
};

Statement only(std::string_view sql) { return classify(std::move(split_statements(sql).front())); }

bool is_refused(const std::string& role, const Statement& statement, const SchemaView& schema) {
  return statement.verb == Verb::ddl &&
         judge(role, parse_ddl(statement), schema, "bd", false) == BdrVerdict::refused;
}

/// Making visible what is visible makes no job; the rule would have to know the index's state.
bool is_known_gap(const std::string& sql) {
  return sql == "alter table t alter index ka visible" ||
         sql == "flashback cluster to timestamp '2030-01-01'";
}

TEST(BdrRules, AgreeWithARealServer) {
  const RecordedSchema schema;
  int compared = 0;
  for (const auto& row : read_tsv("tidb/real-bdr-classification.tsv")) {
    const std::string role = row[0] == "none" ? "" : row[0];
    const std::string& code = row[2];
    if ((code != "0" && code != "8263") || is_known_gap(row[1])) continue;
    ++compared;
    const Statement statement = only(row[1]);
    EXPECT_EQ(is_refused(role, statement, schema), code == "8263") << row[0] << ": " << row[1];
  }
  EXPECT_GT(compared, 700);
}

TEST(BdrRules, AgreeWithTidbsOwnTestCases) {
  const AnySchema schema;
  int compared = 0;
  for (const auto& row : read_tsv("tidb/bdr-test-cases.tsv")) {
    const std::string role = row[1] == "none" ? "" : row[1];
    if (row[0].rfind("ADMIN", 0) == 0 || (row[2] != "accepted" && row[2] != "8263")) continue;
    if (row[0].find("IF NOT EXISTS") != std::string::npos) continue;
    ++compared;
    EXPECT_EQ(is_refused(role, only(row[0]), schema), row[2] == "8263") << row[1] << ": " << row[0];
  }
  EXPECT_GT(compared, 150);
}

TEST(BdrRules, LetTicdcPassButForColumnOptionsOnPrimary) {
  const RecordedSchema schema;
  const auto verdict = [&](const std::string& role, const std::string& sql) {
    return judge(role, parse_ddl(only(sql)), schema, "bd", true);
  };
  EXPECT_EQ(verdict("secondary", "drop table t"), BdrVerdict::runs);
  EXPECT_EQ(verdict("primary", "truncate table t"), BdrVerdict::runs);
  EXPECT_EQ(verdict("primary", "alter table t add column n int not null"), BdrVerdict::refused);
}

TEST(Dialect, RefusesWhatARealServerRefuses) {
  // What the engine refuses by itself, or with another code that nobody relies on.
  static const std::set<std::string> kLeftToTheEngine = {"1051", "1072", "1091", "1136", "1146",
                                                         "1176", "1305", "1735", "1747", "3940",
                                                         "1452", "8048", "1193", "1148", "1054"};
  static const std::set<std::string> kSyntaxTheEngineRefusesToo = {
      "CREATE TABLE g(p POINT)",
      "INSERT INTO u VALUES ROW(8,8)",
      "SELECT 1; SELECT 2",
      "SELECT /*!99999 no */ 1",
      "ALTER TABLE t ADD FULLTEXT INDEX ft(c)",
      "ALTER TABLE t ADD COLUMN z8 INT UNIQUE"};
  int refused = 0;
  int passed = 0;
  for (const auto& row : read_tsv("tidb/real-9.0dev-sql-dialect.tsv")) {
    const std::string& sql = row[0];
    if (kSyntaxTheEngineRefusesToo.count(sql) > 0 || split_statements(sql).empty()) continue;
    const auto refusal = refuse_by_dialect(only(sql), tokenize(sql).foreign_comment, "sx");
    if (row[1] == "0") {
      EXPECT_FALSE(refusal.has_value()) << sql << ": " << (refusal ? refusal->message : "");
      ++passed;
    } else if (kLeftToTheEngine.count(row[1]) == 0) {
      ASSERT_TRUE(refusal.has_value()) << sql << " should give " << row[1];
      EXPECT_EQ(std::to_string(refusal->code), row[1]) << sql;
      EXPECT_EQ(refusal->state, row[2]) << sql;
      ++refused;
    }
  }
  EXPECT_GT(refused, 70);
  EXPECT_GT(passed, 120);
}

TEST(ReadOnly, LetsPassWhatARealServerLetsPass) {
  // Judged by what they hold at run time, by their contents, or by the parser before the gate is
  // asked.
  static const std::set<std::string> kOther = {
      "EXECUTE p2", "BATCH ON a LIMIT 10 DELETE FROM ro.t WHERE a>1000",
      "BATCH ON a LIMIT 10 DRY RUN DELETE FROM ro.t WHERE a>1000"};
  for (const auto& row : read_tsv("tidb/real-9.0dev-super-read-only-statements.tsv")) {
    const std::string& sql = row[0];
    const std::string& gated = row[2];
    if (kOther.count(sql) > 0 || (gated.rfind("1836", 0) != 0 && gated != "ok")) continue;
    EXPECT_EQ(passes_read_only(only(sql)), gated == "ok") << sql;
  }
}

}  // namespace
}  // namespace bdrmesh::lab
