// Walks every statement that TiDB was seen to judge, and compares. Where we differ we must be the
// safer side, and each such place is named below with its reason.
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <sstream>

#include "ddl/classify.h"

namespace bdrmesh::ddl {
namespace {

struct Recorded {
  std::string sql;
  std::string
      verdict;  ///< "0", "accept" or "accepted": TiDB runs it on PRIMARY; "8263": it does not
};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> result;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, '\t');) result.push_back(cell);
  return result;
}

std::vector<std::vector<std::string>> rows(const std::string& file) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/" + file);
  std::vector<std::vector<std::string>> result;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) result.push_back(cells(line));
  return result;
}

Context primary(Version version = {9, 0, 0}) {
  Context context;
  context.default_schema = "bd";
  context.tidb = version;
  context.roles_set = true;
  return context;
}

bool accepted(const std::string& verdict) {
  return verdict == "0" || verdict == "accept" || verdict == "accepted";
}

/// TiDB runs it on PRIMARY, we do not: the reasons, and what they look like.
struct Intended {
  std::string reason;
  std::function<bool(const std::string& sql, const Statement& ours)> is;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const std::vector<Intended>& intended() {
  static const std::vector<Intended> list = {
      {"no DDL job comes of it, so there is nothing to coordinate",
       [](const std::string&, const Statement& s) { return s.class_ == DdlClass::not_ddl; }},
      {"a schema of the servers or of bdrmesh",
       [](const std::string&, const Statement& s) { return has(s.reason, "the schema "); }},
      {"TiCDC leaves out tables without a usable key",
       [](const std::string&, const Statement& s) {
         return s.kind == Kind::create_table && has(s.reason, "no primary key");
       }},
      {"TiCDC fails or goes blind when a table loses its key",
       [](const std::string&, const Statement& s) { return s.kind == Kind::drop_primary_key; }},
      {"rows in flight carry the old column name",
       [](const std::string& sql, const Statement& s) {
         return (has(sql, "rename column") || has(sql, "RENAME COLUMN") ||
                 has(sql, "change column") || has(sql, "CHANGE COLUMN")) &&
                s.strategy == Strategy::paused;
       }},
      {"only the first index of an ALTER is looked at by TiDB",
       [](const std::string& sql, const Statement&) {
         return sql == "alter table t add index n(c), add unique index m(c)";
       }},
      {"a new foreign key wants the data at rest",
       [](const std::string& sql, const Statement& s) {
         return has(sql, "foreign key") && s.kind == Kind::create_table &&
                s.strategy == Strategy::paused;
       }},
      {"rows of temporary tables never leave the server",
       [](const std::string&, const Statement& s) { return has(s.reason, "temporary table"); }},
      {"a computed default gives rows in flight another value on each cluster",
       [](const std::string& sql, const Statement& s) {
         return has(sql, "default current_timestamp") && s.kind == Kind::add_column;
       }},
      {"whether IF EXISTS finds something to do is not in the text",
       [](const std::string& sql, const Statement& s) {
         return has(sql, "if exists") && s.strategy == Strategy::paused;
       }},
      {"whether it changes anything is not in the text",
       [](const std::string& sql, const Statement&) {
         return sql == "alter table t shard_row_id_bits=0" ||
                sql == "alter table t convert to charset utf8mb4" ||
                sql == "alter database bd set tiflash replica 0";
       }},
      {"words that TiDB parses and ignores, and we do not know",
       [](const std::string& sql, const Statement& s) {
         return (sql == "alter table t compact" || sql == "alter table t order by a") &&
                s.kind == Kind::unknown;
       }},
      {"locks belong to one session (recorded with locks switched off)",
       [](const std::string&, const Statement& s) {
         return s.kind == Kind::lock_table || s.kind == Kind::unlock_table;
       }},
  };
  return list;
}

/// @return the number of lines compared.
int compare(const std::vector<Recorded>& recorded, std::map<std::string, int>& used) {
  int compared = 0;
  for (const auto& [sql, verdict] : recorded) {
    SCOPED_TRACE(sql);
    const std::vector<Statement> ours = classify(sql, primary());
    if (ours.size() != 1) {
      ADD_FAILURE() << "not one statement";
      continue;
    }
    ++compared;
    const Statement& s = ours.front();
    const bool we_let_it_go =
        s.strategy == Strategy::replicated || s.strategy == Strategy::everywhere;
    EXPECT_FALSE(s.reason.empty());
    if (verdict == "8263") {
      // Never more lenient than TiDB, except where the present type decides: then the table has to
      // be looked at.
      EXPECT_TRUE(!we_let_it_go || (s.kind == Kind::modify_column && s.needs_table_check))
          << s.reason;
      continue;
    }
    if (!accepted(verdict) || we_let_it_go) continue;
    bool explained = false;
    for (const Intended& one : intended()) {
      if (!one.is(sql, s)) continue;
      explained = true;
      ++used[one.reason];
      break;
    }
    EXPECT_TRUE(explained) << "TiDB accepts it, we do not: " << s.reason;
  }
  return compared;
}

TEST(RecordedVerdicts, AreMetOrIntentionallySafer) {
  std::vector<Recorded> all;
  for (const auto& row : rows("real-bdr-classification.tsv")) {
    if (row.at(0) == "primary") all.push_back({row.at(1), row.at(2)});
  }
  const std::size_t real = all.size();
  for (const auto& row : rows("bdr-test-cases.tsv")) {
    if (row.at(1) == "primary") all.push_back({row.at(0), row.at(2)});
  }
  const std::size_t cases = all.size() - real;
  for (const auto& row : rows("ddl-classes.tsv")) all.push_back({row.at(3), row.at(8)});
  EXPECT_GT(real, 250U);
  EXPECT_GT(cases, 80U);
  EXPECT_GT(all.size() - real - cases, 80U);

  std::map<std::string, int> used;
  compare(all, used);
  for (const Intended& one : intended()) {
    EXPECT_GT(used[one.reason], 0) << "no longer needed: " << one.reason;
  }
}

TEST(RecordedVerdicts, ReplicateNothingWhereNoRolesAreSet) {
  int judged = 0;
  for (const auto& [file, column] :
       {std::pair("real-bdr-classification.tsv", 1U), std::pair("bdr-test-cases.tsv", 0U),
        std::pair("ddl-classes.tsv", 3U)}) {
    for (const auto& row : rows(file)) {
      for (const Version version : {Version{6, 5, 0}, Version{7, 5, 0}, Version{9, 0, 0}}) {
        Context context = primary(version);
        context.roles_set = version < Version{7, 6, 0};  // a role that such a server cannot have
        for (const Statement& ours : classify(row.at(column), context)) {
          EXPECT_NE(ours.strategy, Strategy::replicated) << row.at(column);
          EXPECT_FALSE(ours.reason.empty()) << row.at(column);
          ++judged;
        }
      }
    }
  }
  EXPECT_GT(judged, 3000);
}

TEST(RecordedVerdicts, NameTheJobTypesOfTidb) {
  int compared = 0;
  for (const auto& row : rows("ddl-classes.tsv")) {
    const std::string& expected = row.at(2);
    const std::string& sql = row.at(3);
    if (sql.front() == '(' || expected == "-" || expected == "any" || has(sql, "…") ||
        row.at(4) == "absent" || row.at(4) == "unlisted") {
      continue;
    }
    SCOPED_TRACE(sql);
    const Statement s = classify(sql, primary()).at(0);
    ++compared;
    const std::string ours(to_string(s.kind));
    // An ALTER whose clauses are of one kind is one job; only TiFlash work of the server itself has
    // no statement.
    EXPECT_TRUE(has(expected, ours) || (expected == "rename tables" && ours == "rename table"))
        << ours;
    const std::string& klass = row.at(7);
    if (klass == "unmanaged") {
      EXPECT_EQ(s.class_, DdlClass::unmanaged);
    }
    if (klass == "unsafe") {
      EXPECT_EQ(s.class_, DdlClass::non_replicable);
    }
  }
  EXPECT_GT(compared, 60);
}

TEST(RecordedVerdicts, NeverReplicateWhatAnOlderTidbRefuses) {
  for (const std::string sql :
       {"ALTER TABLE shop.cart ADD COLUMN grade INT DEFAULT 3",
        "ALTER TABLE shop.cart ADD COLUMN rank1 INT DEFAULT 1 COMMENT 'x'",
        "ALTER TABLE shop.cart ADD COLUMN twice INT AS (qty * 2) VIRTUAL"}) {
    EXPECT_EQ(classify(sql, primary({7, 6, 0})).at(0).strategy, Strategy::paused) << sql;
    EXPECT_EQ(classify(sql, primary({8, 0, 0})).at(0).strategy, Strategy::replicated) << sql;
  }
  EXPECT_EQ(
      classify("ALTER TABLE shop.cart ADD COLUMN s INT NOT NULL DEFAULT 0", primary({7, 6, 0}))
          .at(0)
          .strategy,
      Strategy::replicated);
}

}  // namespace
}  // namespace bdrmesh::ddl
