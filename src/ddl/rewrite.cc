#include "ddl/rewrite.h"

#include <algorithm>

#include "base/error.h"
#include "ddl/tokens.h"

namespace bdrmesh::ddl {

namespace {

constexpr std::size_t kTagLimit = 64;

bool is_tag_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

[[noreturn]] void cannot_rehearse(const Statement& statement, const std::string& why) {
  throw Error(ErrorKind::invalid, "CANNOT_REHEARSE",
              "\"" + std::string(to_string(statement.kind)) + "\" cannot be rehearsed: " + why);
}

std::string quoted(std::string_view name) {
  std::string result = "`";
  for (const char c : name) {
    if (c == '`') result += c;
    result += c;
  }
  return result + "`";
}

bool same_table(const TableName& a, const TableName& b) {
  return same_name(a.schema, b.schema) && same_name(a.table, b.table);
}

bool acts_on_tables_only(Kind kind) {
  switch (kind) {
    case Kind::create_schema:
    case Kind::drop_schema:
    case Kind::modify_schema_charset:
    case Kind::modify_schema_placement:
    case Kind::modify_schema:
    case Kind::flashback_schema:
    case Kind::flashback_cluster:
    case Kind::recover_table:
    case Kind::repair_table:
    case Kind::lock_table:
    case Kind::unlock_table:
    case Kind::create_view:
    case Kind::drop_view:
    case Kind::create_sequence:
    case Kind::alter_sequence:
    case Kind::drop_sequence:
    case Kind::create_placement_policy:
    case Kind::alter_placement_policy:
    case Kind::drop_placement_policy:
    case Kind::create_resource_group:
    case Kind::alter_resource_group:
    case Kind::drop_resource_group:
    case Kind::not_ddl:
    case Kind::unknown:
      return false;
    default:
      return true;
  }
}

/// A column written as `table.column` would still mean the old table.
void require_unqualified_columns(const Statement& statement) {
  const auto scanned = split_statements(statement.text, {});
  for (const StatementTokens& one : scanned) {
    for (std::size_t i = 1; i + 1 < one.tokens.size(); ++i) {
      const Token& before = one.tokens[i - 1];
      if (!one.tokens[i].is('.') || !before.is_name()) continue;
      const bool is_table_name = std::any_of(
          statement.places.begin(), statement.places.end(), [&](const NamePlace& place) {
            return place.begin <= before.begin && before.end <= place.end;
          });
      if (!is_table_name)
        cannot_rehearse(statement, "an expression names the table " + before.text);
    }
  }
}

}  // namespace

std::string tagged(std::string_view statement, const OperationId& operation,
                   const ClusterName& cluster) {
  const std::string tag = "bdrmesh:" + operation.value() + ":" + cluster.value();
  const auto clean = [](const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_tag_char);
  };
  if (!clean(operation.value()) || !clean(cluster.value()) || 3 + tag.size() > kTagLimit) {
    throw Error(ErrorKind::invalid, "BAD_DDL_TAG",
                "operation and cluster do not make a tag: " + tag);
  }
  return "/* " + tag + " */ " + std::string(statement);
}

std::string retarget(const Statement& statement, const std::map<TableName, TableName>& copies) {
  if (!acts_on_tables_only(statement.kind) || statement.places.empty()) {
    cannot_rehearse(statement, "it acts on more than tables");
  }
  require_unqualified_columns(statement);
  std::string result;
  std::size_t done = 0;
  for (const NamePlace& place : statement.places) {
    const auto copy = std::find_if(copies.begin(), copies.end(), [&](const auto& pair) {
      return same_table(pair.first, place.name);
    });
    const bool changed =
        std::any_of(statement.tables.begin(), statement.tables.end(),
                    [&](const TableName& name) { return same_table(name, place.name); });
    if (copy == copies.end() && changed) {
      cannot_rehearse(statement, "there is no copy of " + to_string(place.name));
    }
    const TableName& target = copy == copies.end() ? place.name : copy->second;
    result += statement.text.substr(done, place.begin - done);
    result += target.schema.empty() ? quoted(target.table)
                                    : quoted(target.schema) + "." + quoted(target.table);
    done = place.end;
  }
  return result + statement.text.substr(done);
}

}  // namespace bdrmesh::ddl
