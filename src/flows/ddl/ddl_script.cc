#include "flows/ddl/ddl_script.h"

#include <algorithm>
#include <set>

#include "ddl/row_needs.h"
#include "model/table_filter.h"
#include "model/version.h"

namespace bdrmesh::flows {
namespace {

using ddl::Strategy;

/// Judges with the definition that the table has now. `checked` are the tables of earlier
/// statements, whose definition will have changed by then: two statements that each drop one of two
/// keys would both look harmless.
ddl::Statement settled(SeenTables& seen, const ddl::Statement& statement,
                       const ddl::Context& context, std::set<TableName>& checked) {
  const std::vector<TableName> tables = ddl::tables_to_check(statement);
  for (const TableName& table : tables) {
    if (!checked.insert(table).second) {
      throw Error(ErrorKind::precondition, "DDL_STATEMENT_REFUSED",
                  "an earlier statement of the script changes the keys or types of " +
                      to_string(table) + ", so this one cannot be judged: " + statement.text,
                  "run it as a script of its own, afterwards");
    }
  }
  return ddl::check_with_table(statement, seen.definitions(tables), context);
}

/// What the statement wants of the rows that its table has now.
ddl::RowNeeds needs_of(SeenTables& seen, const ddl::Statement& statement,
                       const ddl::Context& context) {
  const bool may_want = std::ranges::any_of(statement.clauses, [](ddl::Kind kind) {
    return kind == ddl::Kind::add_unique_index || kind == ddl::Kind::add_primary_key ||
           kind == ddl::Kind::modify_column || kind == ddl::Kind::rename_column;
  });
  const std::vector<TableName> none;
  return ddl::row_needs(statement, seen.definitions(may_want ? statement.tables : none), context);
}

void choose_safer(ddl::Statement& statement, Strategy wanted) {
  if (statement.strategy == wanted) return;
  if (wanted != Strategy::paused) {
    throw Error(ErrorKind::precondition, "STRATEGY_NOT_SAFER",
                "the strategy " + std::string(to_string(wanted)) + " is not safer than " +
                    std::string(to_string(statement.strategy)) + " for: " + statement.text + " (" +
                    statement.reason + ")",
                "leave --strategy out, or take --strategy paused");
  }
  statement.strategy = Strategy::paused;
  statement.reason = "paused as asked for; it would run " + statement.reason;
}

void share_the_pause(ddl::Statement& statement, const ddl::Statement& last) {
  if (statement.strategy == Strategy::paused) return;
  if (statement.reorganises) {
    throw Error(ErrorKind::precondition, "SCRIPT_ORDER",
                "a later statement needs a write pause, and this one would take its time inside "
                "it: " +
                    statement.text,
                "run it as a script of its own first, or put it behind: " + last.text);
  }
  statement.strategy = Strategy::paused;
  statement.reason =
      "shares the pause of a later statement of the script; alone: " + statement.reason;
}

}  // namespace

ddl::Context classifier_context(const GroupSnapshot& snapshot, const DdlOptions& options) {
  ddl::Context context;
  context.default_schema = options.schema;
  std::size_t primaries = 0;
  std::size_t secondaries = 0;
  for (const ClusterSnapshot& one : snapshot.clusters) {
    const Version version = parse_version(one.release).value_or(Version{});
    if (&one == &snapshot.clusters.front() || version < context.tidb) context.tidb = version;
    primaries += one.role == BdrRole::primary ? 1 : 0;
    secondaries += one.role == BdrRole::secondary ? 1 : 0;
  }
  context.roles_set = primaries == 1 && secondaries + 1 == snapshot.clusters.size();
  context.tables = TableFilter(snapshot.group.tables);
  return context;
}

std::vector<ddl::Statement> classify_for_group(SeenTables& seen, const GroupSnapshot& snapshot,
                                               const std::string& script,
                                               const DdlOptions& options) {
  const ddl::Context context = classifier_context(snapshot, options);
  std::vector<ddl::Statement> statements = ddl::classify(script, context);
  std::set<TableName> checked;
  for (ddl::Statement& statement : statements) {
    if (statement.class_ == ddl::DdlClass::not_ddl) {
      throw Error(ErrorKind::invalid, "NOT_DDL", "this is no DDL statement: " + statement.text,
                  "bdrmesh ddl run takes statements that change a schema");
    }
    if (statement.needs_table_check) statement = settled(seen, statement, context, checked);
    if (statement.strategy == Strategy::refused) {
      throw Error(ErrorKind::precondition, "DDL_STATEMENT_REFUSED",
                  statement.reason + ": " + statement.text,
                  "bdrmesh ddl classify shows how each statement is judged");
    }
    statement.row_needs = needs_of(seen, statement, context);
  }
  return statements;
}

std::vector<ddl::Statement> with_strategies(std::vector<ddl::Statement> script,
                                            const DdlOptions& options) {
  if (options.strategy) {
    for (ddl::Statement& statement : script) choose_safer(statement, *options.strategy);
  }
  const auto last = std::find_if(script.rbegin(), script.rend(), [](const ddl::Statement& one) {
    return one.strategy == Strategy::paused;
  });
  if (last == script.rend()) return script;
  for (auto one = std::next(last); one != script.rend(); ++one) share_the_pause(*one, *last);
  return script;
}

}  // namespace bdrmesh::flows
