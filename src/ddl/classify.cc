#include "ddl/classify.h"

#include <algorithm>

#include "base/error.h"
#include "ddl/judge.h"
#include "model/desired.h"
#include "model/system_schemas.h"

namespace bdrmesh::ddl {

namespace {

/// Schemas that no feed carries and that belong to TiDB or TiCDC (ticdc-api §4.5), and our own two.
std::string why_schema_is_taboo(std::string_view schema) {
  for (const std::string_view name : kSystemSchemas) {
    if (same_name(name, schema))
      return "the schema " + std::string(name) + " belongs to the servers and is never replicated";
  }
  for (const std::string_view name : {kMarkerSchema, kTokenSchema}) {
    if (same_name(name, schema)) return "the schema " + std::string(name) + " belongs to bdrmesh";
  }
  return {};
}

int severity(DdlClass value) {
  switch (value) {
    case DdlClass::unmanaged:
      return 0;
    case DdlClass::replicable:
      return 1;
    case DdlClass::non_replicable:
      return 2;
    case DdlClass::not_ddl:
      return 3;
    case DdlClass::unknown:
      return 4;
  }
  return 4;
}

class Judge {
 public:
  Judge(const Parsed& parsed, const Context& context, Statement& statement)
      : parsed_(parsed), context_(context), statement_(statement) {}

  void run() {
    merge_clauses();
    choose_strategy();
    respect_filter();
    for (const Clause& clause : parsed_.clauses) {
      if (clause.refused) refuse(clause.reason);
    }
    refuse_taboo_schemas();
  }

 private:
  void refuse(std::string reason) {
    statement_.strategy = Strategy::refused;
    statement_.reason = std::move(reason);
  }

  void merge_clauses() {
    statement_.class_ = DdlClass::unmanaged;
    statement_.idempotent = true;
    const Clause* worst = &parsed_.clauses.front();
    for (const Clause& clause : parsed_.clauses) {
      statement_.clauses.push_back(clause.kind);
      statement_.reorganises |= facts_of(clause.kind).reorganises;
      statement_.idempotent &= clause.idempotent;
      statement_.needs_table_check |= clause.needs_table_check;
      const bool outranks = severity(clause.class_) > severity(worst->class_) ||
                            (clause.class_ == worst->class_ && worst->reason.empty());
      if (outranks) worst = &clause;
    }
    statement_.class_ = worst->class_;
    statement_.reason = worst->reason;
    statement_.kind =
        parsed_.clauses.size() == 1 || worst->kind == Kind::unknown || worst->kind == Kind::not_ddl
            ? worst->kind
            : Kind::multi_schema_change;
  }

  bool replicates_ddl() const { return context_.roles_set && context_.tidb >= Version{7, 6, 0}; }

  void choose_strategy() {
    switch (statement_.class_) {
      case DdlClass::replicable:
        return choose_for_replicable();
      case DdlClass::non_replicable:
        statement_.strategy = Strategy::paused;
        explain("TiDB replicates no \"" + std::string(to_string(statement_.kind)) +
                "\" between clusters");
        return;
      case DdlClass::unmanaged:
        statement_.strategy = Strategy::everywhere;
        explain("TiDB allows it under every role and TiCDC does not carry it");
        return;
      case DdlClass::not_ddl:
        return refuse("this is no DDL: " + statement_.reason);
      case DdlClass::unknown:
        return refuse("not understood: " + statement_.reason);
    }
  }

  void choose_for_replicable() {
    if (replicates_ddl()) {
      statement_.strategy = Strategy::replicated;
      return explain("run on the PRIMARY, its feeds carry it to the others");
    }
    const bool everywhere =
        std::all_of(parsed_.clauses.begin(), parsed_.clauses.end(),
                    [](const Clause& c) { return facts_of(c.kind).everywhere_without_roles; });
    const std::string why =
        context_.roles_set ? "TiDB before v7.6 replicates no DDL" : "no roles are set";
    statement_.strategy = everywhere ? Strategy::everywhere : Strategy::paused;
    explain(everywhere ? why + "; writes need not stop for it"
                       : why + ", and it is not safe under writes");
  }

  void explain(std::string text) {
    if (statement_.reason.empty()) statement_.reason = std::move(text);
  }

  void respect_filter() {
    if (statement_.strategy == Strategy::refused) return;
    for (const auto& [from, to] : parsed_.renames) {
      const bool was = context_.tables.matches(from);
      const bool will_be = context_.tables.matches(to);
      if (!was && will_be) {
        return refuse(to_string(from) + " is outside of the group and " + to_string(to) +
                      " inside: every feed would stop; use `group tables add`");
      }
      if (was && !will_be) {
        return refuse(to_string(to) +
                      " is outside of the group: its rows would no longer be replicated; use "
                      "`group tables remove`");
      }
    }
    const bool inside =
        std::any_of(statement_.tables.begin(), statement_.tables.end(),
                    [&](const TableName& name) { return context_.tables.matches(name); });
    for (const TableName& partner : parsed_.exchanged) {
      if (inside && !context_.tables.matches(partner)) {
        return refuse(to_string(partner) +
                      " is outside of the group: its rows differ between the clusters");
      }
    }
    const bool schema_inside =
        std::any_of(statement_.schemas.begin(), statement_.schemas.end(),
                    [&](const std::string& name) { return context_.tables.matches_schema(name); });
    const bool names_something = !statement_.tables.empty() || !statement_.schemas.empty();
    if (names_something && !inside && !schema_inside) leave_to_no_feed();
    if (mixes_inside_and_outside()) {
      refuse("it names tables inside and outside of the group: split it into two statements");
    }
  }

  /// No feed carries the object. Each cluster must run it itself; under roles only with the roles
  /// unset.
  void leave_to_no_feed() {
    if (statement_.strategy != Strategy::replicated) return;
    statement_.strategy = Strategy::paused;
    statement_.reason =
        "no feed of the group carries it, and a SECONDARY refuses it while roles are set";
  }

  bool mixes_inside_and_outside() const {
    if (statement_.strategy != Strategy::replicated || statement_.tables.size() < 2) return false;
    const bool first = context_.tables.matches(statement_.tables.front());
    return std::any_of(
        statement_.tables.begin(), statement_.tables.end(),
        [&](const TableName& name) { return context_.tables.matches(name) != first; });
  }

  void refuse_taboo_schemas() {
    if (statement_.class_ == DdlClass::not_ddl) return;
    for (const TableName& name : statement_.tables) {
      const std::string why = why_schema_is_taboo(name.schema);
      if (!why.empty()) return refuse(why);
      if (name.schema.empty())
        return refuse("the schema of " + name.table + " is not known: write schema.table");
    }
    for (const std::string& schema : statement_.schemas) {
      const std::string why = why_schema_is_taboo(schema);
      if (!why.empty()) return refuse(why);
      if (schema.empty()) return refuse("the database is not named");
    }
  }

  const Parsed& parsed_;
  const Context& context_;
  Statement& statement_;
};

}  // namespace

Statement judge(std::string_view script, const StatementTokens& tokens, const Parsed& parsed,
                const Context& context) {
  Statement statement;
  statement.text = script.substr(tokens.begin, tokens.end - tokens.begin);
  const auto place = [&](const Mention& mention) {
    statement.places.push_back(
        {mention.begin - tokens.begin, mention.end - tokens.begin, mention.name});
  };
  for (const Mention& mention : parsed.tables) {
    statement.tables.push_back(mention.name);
    place(mention);
  }
  std::for_each(parsed.references.begin(), parsed.references.end(), place);
  std::sort(statement.places.begin(), statement.places.end(),
            [](const NamePlace& a, const NamePlace& b) { return a.begin < b.begin; });
  statement.schemas = parsed.schemas;
  Judge(parsed, context, statement).run();
  return statement;
}

std::vector<Statement> classify(std::string_view script, const Context& context) {
  const auto statements = split_statements(script, {.ansi_quotes = context.ansi_quotes});
  if (statements.empty()) throw_syntax(script, 0, "the script holds no statement");
  std::vector<Statement> result;
  result.reserve(statements.size());
  for (const StatementTokens& tokens : statements) {
    const Parsed parsed = parse_statement(tokens, context.default_schema, context.tidb);
    result.push_back(judge(script, tokens, parsed, context));
  }
  return result;
}

}  // namespace bdrmesh::ddl
