#include "ddl/row_needs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "ddl/parsed.h"

namespace bdrmesh::ddl {
namespace {

struct IntegerRange {
  std::string_view type;
  std::string_view low;
  std::string_view high;
};

constexpr std::array kIntegers = {
    IntegerRange{"tinyint", "-128", "127"},
    IntegerRange{"tinyint unsigned", "0", "255"},
    IntegerRange{"smallint", "-32768", "32767"},
    IntegerRange{"smallint unsigned", "0", "65535"},
    IntegerRange{"mediumint", "-8388608", "8388607"},
    IntegerRange{"mediumint unsigned", "0", "16777215"},
    IntegerRange{"int", "-2147483648", "2147483647"},
    IntegerRange{"int unsigned", "0", "4294967295"},
    IntegerRange{"bigint", "-9223372036854775808", "9223372036854775807"},
    IntegerRange{"bigint unsigned", "0", "18446744073709551615"}};

const IntegerRange* integer(std::string_view type) {
  const auto* found =
      std::ranges::find_if(kIntegers, [&](const IntegerRange& one) { return one.type == type; });
  return found == kIntegers.end() ? nullptr : found;
}

/// n of char(n) and varchar(n) without further attributes.
std::optional<int> characters(std::string_view type) {
  for (const std::string_view head : {"varchar(", "char("}) {
    if (!type.starts_with(head) || !type.ends_with(')')) continue;
    const std::string_view width = type.substr(head.size(), type.size() - head.size() - 1);
    int count = 0;
    const auto [end, error] = std::from_chars(width.data(), width.data() + width.size(), count);
    if (error == std::errc{} && end == width.data() + width.size()) return count;
  }
  return std::nullopt;
}

bool is_character_type(std::string_view type) {
  return characters(type) || type == "text" || type == "tinytext" || type == "mediumtext" ||
         type == "longtext";
}

/// Whether every value of integers `from` is one of `to`.
bool holds_all(const IntegerRange& to, const IntegerRange& from) {
  const bool signs = to.low.starts_with('-') || !from.low.starts_with('-');
  const auto shorter = [](std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a <= b;
  };
  return signs && shorter(from.high, to.high) &&
         (!from.low.starts_with('-') || shorter(from.low, to.low));
}

class Needs {
 public:
  Needs(TableName name, TableDefinition table)
      : table_(std::move(name)), definition_(std::move(table)) {}

  void of_index(const Clause& clause) {
    std::vector<std::string> columns;
    for (const IndexPart& part : clause.parts) {
      if (part.column.empty() || part.prefix) {
        found_.unsearched.push_back(
            "rows that agree in an expression or in the first characters of "
            "a column of the new key of " +
            to_string(table_));
        return;
      }
      if (definition_.column(part.column) == nullptr) {
        found_.unsearched.push_back("rows that agree in " + part.column + ", which " +
                                    to_string(table_) + " does not have yet");
        return;
      }
      columns.push_back(part.column);
    }
    if (columns.empty()) return;
    if (clause.kind == Kind::add_primary_key) add(RowNeed::Kind::not_null, columns);
    add(RowNeed::Kind::unique, columns);
  }

  void of_column(const Clause& clause) {
    if (!clause.column) return;
    const ColumnDefinition* before = definition_.column(clause.target);
    if (before == nullptr) return;
    const ColumnDefinition& after = *clause.column;
    if (after.rejects_null() && !before->rejects_null())
      add(RowNeed::Kind::not_null, {before->name});
    if (before->type != after.type) of_type(*before, after);
  }

  RowNeeds take() { return std::move(found_); }

 private:
  void add(RowNeed::Kind kind, std::vector<std::string> columns, std::string_view low = "",
           std::string_view high = "") {
    found_.needs.push_back({table_, kind, std::move(columns), std::string(low), std::string(high)});
  }

  void of_type(const ColumnDefinition& before, const ColumnDefinition& after) {
    const IntegerRange* from = integer(before.type);
    const IntegerRange* to = integer(after.type);
    if (from != nullptr && to != nullptr) {
      if (!holds_all(*to, *from)) add(RowNeed::Kind::between, {before.name}, to->low, to->high);
      return;
    }
    const std::optional<int> room = characters(after.type);
    if (room && is_character_type(before.type)) {
      if (characters(before.type).value_or(*room + 1) > *room)
        add(RowNeed::Kind::length, {before.name}, "", std::to_string(*room));
      return;
    }
    found_.unsearched.push_back("values of " + to_string(table_) + "." + before.name +
                                " that do not survive the way from " + before.type + " to " +
                                after.type);
  }

  TableName table_;
  TableDefinition definition_;
  RowNeeds found_;
};

}  // namespace

RowNeeds row_needs(const Statement& statement, const std::map<TableName, std::string>& definitions,
                   const Context& context) {
  if (statement.tables.size() != 1 || statement.strategy == Strategy::refused) return {};
  const auto text = definitions.find(statement.tables.front());
  if (text == definitions.end()) return {};
  const auto scanned = split_statements(statement.text, {.ansi_quotes = context.ansi_quotes});
  if (scanned.size() != 1) throw_syntax(statement.text, 0, "not one statement");
  const Parsed parsed = parse_statement(scanned.front(), context.default_schema, context.tidb);
  Needs needs(statement.tables.front(), parse_table(text->second));
  for (const Clause& clause : parsed.clauses) {
    needs.of_index(clause);
    needs.of_column(clause);
  }
  return needs.take();
}

}  // namespace bdrmesh::ddl
