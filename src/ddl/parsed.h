// What the grammar found in one statement, before the mesh's rules are applied. Internal to ddl/.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ddl/clause.h"
#include "ddl/table_definition.h"
#include "model/names.h"

namespace bdrmesh::ddl {

struct Mention {
  TableName name;
  std::size_t begin = 0;  ///< offsets in the script
  std::size_t end = 0;
};

struct Parsed {
  std::vector<Clause> clauses;
  std::vector<Mention> tables;      ///< created, changed or dropped
  std::vector<Mention> references;  ///< only named: LIKE, REFERENCES
  std::vector<std::pair<TableName, TableName>> renames;
  std::vector<TableName> exchanged;  ///< partners of EXCHANGE PARTITION
  std::vector<std::string> schemas;
  std::optional<TableDefinition> definition;  ///< of CREATE TABLE with columns
};

/// Reads one statement; never throws, never rejects: what it does not know becomes a clause of kind
/// unknown.
Parsed parse_statement(const StatementTokens& statement, const std::string& default_schema,
                       Version tidb);

}  // namespace bdrmesh::ddl
