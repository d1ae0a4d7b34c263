// What exists, as the engine's own schema tables say. Thread-safe as SqlShared is.
#pragma once

#include <optional>
#include <string>

#include "lab/parse/bdr_rules.h"
#include "lab/server/shared.h"

namespace bdrmesh::lab {

class EngineSchema final : public SchemaView {
 public:
  explicit EngineSchema(SqlShared& shared) : shared_(shared) {}

  bool has_schema(const std::string& schema) const override;
  bool has_table(const ObjectName& table) const override;
  bool has_index(const ObjectName& table, const std::string& index) const override;
  bool has_partition(const ObjectName& table, const std::string& partition) const override;
  std::optional<std::string> column_type(const ObjectName& table,
                                         const std::string& column) const override;

 private:
  bool any(const std::string& sql) const { return !shared_.as_admin(sql).empty(); }

  SqlShared& shared_;
};

/// "Already there" and "not there", which TiDB finds before it looks at roles or makes a job.
/// @param default_schema  for names without one.
/// @throws Refused 1007, 1008, 1050, 1051, 1054, 1060, 1061, 1091, 1146
void refuse_impossible(const DdlStatement& ddl, const SchemaView& schema,
                       const std::string& default_schema);

/// What TiDB cannot do at all, under any role. @throws Refused 8200
void refuse_unsupported(const DdlStatement& ddl, const TableIds& tables,
                        const std::string& default_schema);

}  // namespace bdrmesh::lab
