#include "lab/load/load_tables.h"

#include "base/error.h"
#include "lab/load/sql_link.h"

namespace bdrmesh::lab::load {
namespace {

std::string qualified(const std::string& table) { return std::string(kLoadSchema) + "." + table; }

std::string insert_statement(const RowWrite& write, const std::set<std::string>& present) {
  std::string columns = "id";
  std::string values = std::to_string(write.id);
  for (const auto& [column, value] : write.values) {
    if (!present.contains(column)) continue;
    columns += ", " + column;
    values += ", " + sql_literal(value);
  }
  return "INSERT INTO " + qualified(write.table) + " (" + columns + ") VALUES (" + values + ")";
}

std::string changes_of(const RowWrite& write, const std::set<std::string>& present) {
  std::string changes;
  for (const auto& [column, value] : write.values) {
    if (!present.contains(column)) continue;
    changes += (changes.empty() ? "" : ", ") + column + " = " + sql_literal(value);
  }
  return changes;
}

std::string update_statement(const RowWrite& write, const std::set<std::string>& present) {
  return "UPDATE " + qualified(write.table) + " SET " + changes_of(write, present) +
         " WHERE id = " + std::to_string(write.id);
}

}  // namespace

std::vector<std::string> load_table_definitions() {
  return {
      "CREATE TABLE IF NOT EXISTS app.orders (id BIGINT NOT NULL, origin VARCHAR(16), note "
      "VARCHAR(64), amount DECIMAL(10,2), created DATETIME(3), PRIMARY KEY (id))",
      "CREATE TABLE IF NOT EXISTS app.items (id BIGINT NOT NULL, order_id BIGINT, sku VARCHAR(32), "
      "quantity INT, PRIMARY KEY (id), KEY by_order (order_id))",
  };
}

Columns defined_columns() {
  return {{"orders", {"origin", "note", "amount", "created"}},
          {"items", {"order_id", "sku", "quantity"}}};
}

std::string_view to_string(RowOp op) {
  switch (op) {
    case RowOp::insert:
      return "insert";
    case RowOp::update:
      return "update";
    case RowOp::remove:
      return "delete";
    case RowOp::upsert:
      return "upsert";
  }
  return "insert";
}

RowOp row_op_from(std::string_view text) {
  for (const RowOp op : {RowOp::insert, RowOp::update, RowOp::remove, RowOp::upsert}) {
    if (to_string(op) == text) return op;
  }
  throw Error(ErrorKind::invalid, "BAD_LEDGER", "no row operation: '" + std::string(text) + "'");
}

std::string statement_for(const RowWrite& write, const std::set<std::string>& present) {
  switch (write.op) {
    case RowOp::insert:
      return insert_statement(write, present);
    case RowOp::update:
      return update_statement(write, present);
    case RowOp::upsert:
      return insert_statement(write, present) + " ON DUPLICATE KEY UPDATE " +
             changes_of(write, present);
    case RowOp::remove:
      break;
  }
  return "DELETE FROM " + qualified(write.table) + " WHERE id = " + std::to_string(write.id);
}

}  // namespace bdrmesh::lab::load
