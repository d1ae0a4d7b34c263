// Whether a cluster's BDR role lets a DDL run (tidb-sql §1.3, §1.4; measured A5-A7, A19, A20).
// Pure; what exists is asked through SchemaView.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lab/parse/ddl.h"

namespace bdrmesh::lab {

/// What is there now. Names come qualified.
class SchemaView {
 public:
  virtual ~SchemaView() = default;
  virtual bool has_schema(const std::string& schema) const = 0;
  /// Tables, views and sequences.
  virtual bool has_table(const ObjectName& table) const = 0;
  virtual bool has_index(const ObjectName& table, const std::string& index) const = 0;
  virtual bool has_partition(const ObjectName& table, const std::string& partition) const = 0;
  /// Normalised as in ColumnSpec; std::nullopt when there is no such column.
  virtual std::optional<std::string> column_type(const ObjectName& table,
                                                 const std::string& column) const = 0;
};

enum class BdrVerdict {
  runs,
  refused,        ///< 8263
  nothing_to_do,  ///< IF [NOT] EXISTS, or an option that makes no job
};

/// @param default_schema  for names without one.
BdrVerdict judge(std::string_view role, const DdlStatement& ddl, const SchemaView& schema,
                 const std::string& default_schema, bool from_cdc);

/// mysql, sys, the memory schemas and dm_heartbeat are never judged (measured A7).
bool is_system_schema(std::string_view schema);

}  // namespace bdrmesh::lab
