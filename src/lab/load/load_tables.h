// The tables that the load writes: their columns, and how a row of values becomes SQL. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace bdrmesh::lab::load {

inline constexpr const char* kLoadSchema = "app";

/// `create table` of app.orders and app.items, the same on every cluster.
std::vector<std::string> load_table_definitions();

/// Columns by table that exist now; the load leaves out what was dropped.
using Columns = std::map<std::string, std::set<std::string>>;
/// All columns of load_table_definitions().
Columns defined_columns();

enum class RowOp { insert, update, remove, upsert };
std::string_view to_string(RowOp op);
/// @throws Error invalid `BAD_LEDGER`
RowOp row_op_from(std::string_view text);

/// One row written: all values that it has afterwards, none for remove.
struct RowWrite {
  RowOp op = RowOp::insert;
  std::string table;  ///< without schema
  std::int64_t id = 0;
  std::map<std::string, std::string> values;  ///< by column, without the key
  bool shared = false;  ///< other members write this row too: nobody knows who wins

  bool operator==(const RowWrite&) const = default;
};

/// The statement, naming only columns in `present`.
std::string statement_for(const RowWrite& write, const std::set<std::string>& present);

}  // namespace bdrmesh::lab::load
