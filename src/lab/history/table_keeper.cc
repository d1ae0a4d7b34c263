#include "lab/history/table_keeper.h"

#include "lab/history/past_builder.h"
#include "lab/history/past_table.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{30'000};
constexpr Millis kForEver{24 * 3600 * 1000};

std::string full_name(const ObjectName& table) {
  return quote_name(table.schema) + "." + quote_name(table.name);
}
std::string hidden_name(const std::string& table) { return full_name({kPastSchema, table}); }

/// Only renaming is in the binlog: whoever reads it learns from it where a table's rows end.
void rename_in_binlog(SqlSession& session, const std::string& names) {
  session.query("SET sql_log_bin=1", kPatience);
  try {
    session.query("RENAME TABLE " + names, kForEver);
  } catch (const SqlError&) {
    session.query("SET sql_log_bin=0", kPatience);
    throw;
  }
  session.query("SET sql_log_bin=0", kPatience);
}

}  // namespace

std::string TableKeeper::definition_of(SqlSession& session, const ObjectName& table) {
  const auto rows = session.query("SHOW CREATE TABLE " + full_name(table), kPatience);
  return rows.empty() ? "" : rows.front().at(1).value_or("");
}

bool TableKeeper::has_ties(SqlSession& session, const ObjectName& table) {
  const std::string name = quote_text(table.schema + "/" + table.name);
  return !session
              .query("SELECT 1 FROM information_schema.innodb_sys_foreign WHERE for_name=" + name +
                         " OR ref_name=" + name + " LIMIT 1",
                     kPatience)
              .empty();
}

std::optional<KeptRows> TableKeeper::nothing_to_keep(SqlSession& session, const ObjectName& table,
                                                     const std::string& definition) {
  if (definition.find("\n  PRIMARY KEY (") == std::string::npos) return std::nullopt;
  KeptRows kept;
  kept.copied_at = binlog_end(session, kPatience);
  const auto rows = session.query("SELECT 1 FROM " + full_name(table) + " LIMIT 1", kPatience);
  if (!rows.empty()) return std::nullopt;
  return kept;
}

void TableKeeper::swap_aside(SqlSession& session, const ObjectName& table,
                             const std::string& aside) {
  const std::string empty = hidden_name(aside + "_new");
  session.query("CREATE TABLE " + empty + " LIKE " + full_name(table), kPatience);
  try {
    rename_in_binlog(session, full_name(table) + " TO " + hidden_name(aside) + ", " + empty +
                                  " TO " + full_name(table));
  } catch (const SqlError&) {
    session.query("DROP TABLE IF EXISTS " + empty, kPatience);
    throw;
  }
}

void TableKeeper::swap_back(SqlSession& session, const ObjectName& table,
                            const std::string& aside) {
  const std::string empty = hidden_name(aside + "_new");
  rename_in_binlog(session, full_name(table) + " TO " + empty + ", " + hidden_name(aside) + " TO " +
                                full_name(table));
  const PastLayout layout = describe_table(session, table.schema, table.name);
  copy_rows(session, empty, full_name(table), layout);
  session.query("DROP TABLE IF EXISTS " + empty, kPatience);
}

KeptRows TableKeeper::copy_aside(SqlSession& session, const ObjectName& table,
                                 const std::string& definition) {
  KeptRows kept;
  kept.table = fresh_name('k');
  session.query(hidden_definition(definition, kept.table), kPatience);
  const PastLayout layout = describe_table(session, kPastSchema, kept.table);
  const std::string target = hidden_name(kept.table);
  if (layout.key.empty()) {
    kept.copied_at = copy_rows_exactly(cluster_, session, full_name(table), target, layout);
  } else {
    kept.copied_at = binlog_end(session, kPatience);
    copy_rows(session, full_name(table), target, layout);
  }
  return kept;
}

}  // namespace bdrmesh::lab
