#include "verify/table_read.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace bdrmesh::verify {
namespace {

struct KnownType {
  std::string_view name;
  ColumnForm form;
  /// Comparing with a literal orders as the index does. ENUM, SET and BIT are ordered by number and
  /// compared by text; a FLOAT is not the decimal text that names it.
  bool cuts;
  bool huge = false;
};

constexpr std::array kTypes = {
    KnownType{"tinyint", ColumnForm::plain, true},
    KnownType{"smallint", ColumnForm::plain, true},
    KnownType{"mediumint", ColumnForm::plain, true},
    KnownType{"int", ColumnForm::plain, true},
    KnownType{"integer", ColumnForm::plain, true},
    KnownType{"bigint", ColumnForm::plain, true},
    KnownType{"bool", ColumnForm::plain, true},
    KnownType{"boolean", ColumnForm::plain, true},
    KnownType{"decimal", ColumnForm::plain, true},
    KnownType{"numeric", ColumnForm::plain, true},
    KnownType{"date", ColumnForm::plain, true},
    KnownType{"datetime", ColumnForm::plain, true},
    KnownType{"timestamp", ColumnForm::plain, true},
    KnownType{"time", ColumnForm::plain, true},
    KnownType{"year", ColumnForm::plain, true},
    KnownType{"char", ColumnForm::text, true},
    KnownType{"varchar", ColumnForm::text, true},
    KnownType{"tinytext", ColumnForm::text, true},
    KnownType{"text", ColumnForm::text, true},
    KnownType{"mediumtext", ColumnForm::text, true, true},
    KnownType{"longtext", ColumnForm::text, true, true},
    KnownType{"enum", ColumnForm::text, false},
    KnownType{"set", ColumnForm::text, false},
    KnownType{"json", ColumnForm::text, false, true},
    KnownType{"vector", ColumnForm::text, false},
    KnownType{"binary", ColumnForm::binary, true},
    KnownType{"varbinary", ColumnForm::binary, true},
    KnownType{"tinyblob", ColumnForm::binary, true},
    KnownType{"blob", ColumnForm::binary, true},
    KnownType{"mediumblob", ColumnForm::binary, true, true},
    KnownType{"longblob", ColumnForm::binary, true, true},
    KnownType{"bit", ColumnForm::binary, false},
    KnownType{"float", ColumnForm::real, false},
    KnownType{"double", ColumnForm::real, false},
    KnownType{"real", ColumnForm::real, false},
};

const KnownType* type_of(const ddl::ColumnDefinition& column) {
  const std::size_t end = column.type.find_first_of("( ");
  const std::string_view word = std::string_view(column.type).substr(0, end);
  const auto* found = std::ranges::find(kTypes, word, &KnownType::name);
  return found == kTypes.end() ? nullptr : found;
}

std::string word_after(const std::string& upper, std::string_view what) {
  const std::size_t at = upper.find(what);
  if (at == std::string::npos) return {};
  const std::size_t from = at + what.size();
  return upper.substr(from, upper.find_first_of(" ,)", from) - from);
}

/// The part of the definition that says how its text is encoded and compared.
std::string collation_of(const ddl::ColumnDefinition& column) {
  const std::string upper = ddl::to_upper(column.text_without_comment);
  return word_after(upper, "CHARACTER SET ") + "/" + word_after(upper, "COLLATE ");
}

const ddl::IndexDefinition* best_key(const ddl::TableDefinition& table) {
  const auto keys = table.usable_keys();
  const auto primary =
      std::ranges::find(keys, ddl::IndexKind::primary, &ddl::IndexDefinition::kind);
  if (primary != keys.end()) return *primary;
  return keys.empty() ? nullptr : keys.front();
}

}  // namespace

ReadingPlan plan_reading(const TableName& table, const ddl::TableDefinition& definition) {
  ReadingPlan plan;
  plan.read.table = table;
  std::set<std::string> collations;
  for (const ddl::ColumnDefinition& column : definition.columns) {
    if (column.is_virtual()) {
      plan.derived.push_back(column.name);
      continue;
    }
    const KnownType* type = type_of(column);
    if (type == nullptr) {
      plan.not_proven.push_back("column " + column.name + ": nothing is known of type " +
                                column.type);
      continue;
    }
    const bool nullable = !column.rejects_null();
    plan.read.columns.push_back({column.name, type->form, nullable, false, column.stored});
    plan.read.may_overflow = plan.read.may_overflow || type->huge;
    if (type->form == ColumnForm::text) collations.insert(collation_of(column));
  }
  if (collations.size() > 1) {
    for (ColumnRead& column : plan.read.columns) column.as_bytes = column.form == ColumnForm::text;
  }
  if (const ddl::IndexDefinition* key = best_key(definition)) {
    bool cuts = true;
    for (const ddl::IndexPart& part : key->parts) {
      const ddl::ColumnDefinition* column = definition.column(part.column);
      const KnownType* type = column == nullptr ? nullptr : type_of(*column);
      if (type == nullptr) {
        plan.read.key.clear();
        plan.read.cut_by = 0;
        break;
      }
      plan.read.key.push_back(column->name);
      // The columns of a primary key cannot be NULL, whatever their definitions say.
      for (ColumnRead& read : plan.read.columns) {
        if (read.name == column->name) read.nullable = false;
      }
      cuts = cuts && type->cuts;
      if (cuts) ++plan.read.cut_by;
    }
  }
  return plan;
}

}  // namespace bdrmesh::verify
