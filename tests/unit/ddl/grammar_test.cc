// Random statements, built from clauses whose verdicts are recorded: whatever is combined, in
// whatever dress, nothing crashes and nothing is judged safer than its most dangerous clause.
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <sstream>

#include "base/error.h"
#include "ddl/classify.h"

namespace bdrmesh::ddl {
namespace {

/// One clause of ALTER TABLE and the row of ddl-classes.tsv that tells TiDB's verdict on it.
struct ClauseForm {
  std::string row;
  std::string text;  ///< %n: a fresh name
};

const std::vector<ClauseForm>& clause_forms() {
  static const std::vector<ClauseForm> forms = {
      {"add column, nullable", "ADD COLUMN %n INT"},
      {"add column, nullable", "ADD %n VARCHAR(10) NULL AFTER qty"},
      {"add column, default", "ADD COLUMN %n INT DEFAULT 3"},
      {"add column, not null with default", "ADD COLUMN %n INT NOT NULL DEFAULT 0"},
      {"add column, comment", "ADD COLUMN %n INT COMMENT 'free, text;'"},
      {"add column, generated", "ADD COLUMN %n INT AS (qty * 2) VIRTUAL"},
      {"add column, NULL and DEFAULT", "ADD COLUMN %n INT NULL DEFAULT NULL"},
      {"add column, not null without default", "ADD COLUMN %n INT NOT NULL"},
      {"add column, other option", "ADD COLUMN %n INT UNIQUE"},
      {"add column, other option", "ADD COLUMN %n VARCHAR(9) COLLATE utf8mb4_bin"},
      {"add index, not unique", "ADD INDEX %n (qty)"},
      {"add index, not unique", "ADD KEY (qty, memo(3))"},
      {"add index, unique", "ADD UNIQUE INDEX %n (qty)"},
      {"add index, unique", "ADD CONSTRAINT %n UNIQUE (qty)"},
      {"drop index", "DROP INDEX %n"},
      {"rename index", "RENAME INDEX %n TO %n"},
      {"index visibility", "ALTER INDEX %n INVISIBLE"},
      {"modify column, type", "MODIFY COLUMN qty BIGINT"},
      {"modify column, comment only", "MODIFY qty INT COMMENT 'y'"},
      {"set or drop default", "ALTER COLUMN qty SET DEFAULT 9"},
      {"set or drop default", "ALTER qty DROP DEFAULT"},
      {"table comment", "COMMENT = 'baskets'"},
      {"drop column", "DROP COLUMN %n"},
      {"drop column", "DROP IF EXISTS %n"},
      {"add foreign key", "ADD CONSTRAINT %n FOREIGN KEY (item) REFERENCES shop.item (id)"},
      {"drop foreign key", "DROP FOREIGN KEY %n"},
      {"auto_increment base", "AUTO_INCREMENT = 5000"},
      {"auto id cache", "AUTO_ID_CACHE = 5"},
      {"auto random base", "AUTO_RANDOM_BASE = 50"},
      {"shard row id", "SHARD_ROW_ID_BITS = 3"},
      {"table charset or collation", "CHARSET utf8mb4 COLLATE utf8mb4_bin"},
      {"add primary key", "ADD PRIMARY KEY (id)"},
      {"add check", "ADD CONSTRAINT %n CHECK (qty > 0)"},
      {"drop check", "DROP CONSTRAINT %n"},
      {"alter check", "ALTER CONSTRAINT %n NOT ENFORCED"},
      {"table attributes", "ATTRIBUTES 'merge_option=allow'"},
      {"table placement", "PLACEMENT POLICY = pp1"},
      {"cache table", "CACHE"},
      {"tiflash replica", "SET TIFLASH REPLICA 1"},
      {"TTL set or changed", "TTL = `at` + INTERVAL 9 DAY"},
      {"TTL removed", "REMOVE TTL"},
      {"rename table", "RENAME TO shop.%n"}};
  return forms;
}

std::map<std::string, std::string> recorded_verdicts() {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/ddl-classes.tsv");
  std::map<std::string, std::string> verdicts;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
    verdicts[cells.at(0)] = cells.at(8);
  }
  return verdicts;
}

class Author {
 public:
  explicit Author(unsigned seed) : random_(seed) {}

  struct Work {
    std::string sql;
    bool dangerous = false;  ///< TiDB answers 8263 to one of its clauses on a PRIMARY
  };

  Work write() {
    Work work;
    work.sql = dress("ALTER TABLE") + blank() + table() + blank();
    const std::size_t count = 1 + pick(4);
    for (std::size_t i = 0; i < count; ++i) {
      const ClauseForm& form = clause_forms()[pick(clause_forms().size())];
      const std::string& verdict = verdicts_.at(form.row);
      work.dangerous |= verdict == "8263";
      if (i > 0) work.sql += blank() + "," + blank();
      work.sql += clause(form.text);
    }
    if (pick(3) == 0) work.sql = comment() + work.sql + comment();
    return work;
  }

  /// Damages a text in one to three places.
  std::string damage(std::string text) {
    static const std::string kNoise = "'\"`()/*!;,.-#\\ aT0[]=@\n";
    for (std::size_t i = 0, times = 1 + pick(3); i < times; ++i) {
      const std::size_t at = pick(text.size() + 1);
      if (pick(2) == 0 && at < text.size()) {
        text.erase(at, 1 + pick(5));
      } else {
        text.insert(at, 1, kNoise[pick(kNoise.size())]);
      }
    }
    return text;
  }

 private:
  std::size_t pick(std::size_t n) { return random_() % n; }

  std::string name() {
    static const std::vector<std::string> kNames = {"a1",    "`b c`", "`weird``one`",
                                                    "größe", "_x",    "kind2"};
    return kNames[pick(kNames.size())];
  }
  std::string table() { return pick(2) == 0 ? "shop.cart" : "`shop` . `cart`"; }
  std::string comment() { return pick(2) == 0 ? " /* ; DROP TABLE x */ " : " -- ' x\n"; }
  std::string blank() { return pick(5) == 0 ? comment() : pick(3) == 0 ? "\n  " : " "; }

  std::string dress(std::string text) {
    for (char& c : text) {
      if (pick(2) == 0) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
  }

  std::string clause(const std::string& form) {
    std::string out;
    for (std::size_t i = 0; i < form.size(); ++i) {
      if (form[i] == '%') {
        out += name();
        ++i;
      } else if (form[i] == ' ' && form.find('\'') == std::string::npos) {
        out += blank();
      } else {
        out += form[i];
      }
    }
    return pick(6) == 0 ? "/*!80000 " + out + " */" : pick(6) == 0 ? "/*T! " + out + "*/" : out;
  }

  std::mt19937 random_;
  std::map<std::string, std::string> verdicts_ = recorded_verdicts();
};

Context context() {
  Context result;
  result.default_schema = "shop";
  result.tidb = {8, 5, 0};
  result.roles_set = true;
  return result;
}

bool needs_no_pause(const Statement& statement) {
  return statement.strategy == Strategy::replicated || statement.strategy == Strategy::everywhere;
}

TEST(Grammar, NeverJudgesACombinationSaferThanItsParts) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Author author(seed);
  int let_go = 0;
  int dangerous = 0;
  for (int round = 0; round < 20000; ++round) {
    const Author::Work work = author.write();
    const std::vector<Statement> all = classify(work.sql, context());
    ASSERT_EQ(all.size(), 1U) << work.sql;
    ASSERT_NE(all.front().class_, DdlClass::unknown) << work.sql << "\n" << all.front().reason;
    let_go += needs_no_pause(all.front()) ? 1 : 0;
    dangerous += work.dangerous ? 1 : 0;
    if (!work.dangerous) continue;
    ASSERT_FALSE(needs_no_pause(all.front())) << work.sql << "\n" << all.front().reason;
  }
  // Both kinds really came up.
  EXPECT_GT(let_go, 1000);
  EXPECT_GT(dangerous, 5000);
}

TEST(Grammar, SurvivesDamage) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Author author(seed);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string sql = author.damage(author.write().sql);
    try {
      for (const Statement& seen : classify(sql, context())) {
        ASSERT_FALSE(seen.reason.empty()) << sql;
        for (const NamePlace& place : seen.places) ASSERT_LE(place.end, seen.text.size()) << sql;
        refused += seen.strategy == Strategy::refused ? 1 : 0;
      }
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), "DDL_SYNTAX") << sql;
      ++refused;
    }
  }
  EXPECT_GT(refused, 3000);
}

}  // namespace
}  // namespace bdrmesh::ddl
