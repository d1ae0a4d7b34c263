// The columns of TiDB's tables that are in no engine, as DESC and information_schema.columns show
// them, by version (recorded: tests/data/tidb/desc-*.txt). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/version.h"

namespace bdrmesh::lab {

struct MemoryColumn {
  std::string name;
  std::string type;
  bool nullable = true;
  bool primary = false;
  std::string initial;  ///< default of a column that is not nullable; "-": none
};

struct MemoryTable {
  std::string name;  ///< lower case, of information_schema
  std::vector<MemoryColumn> columns;
};

/// nullptr when it is another's. @param name lower case.
const MemoryTable* find_memory_table(std::string_view name, const Version& version);
std::vector<const MemoryTable*> memory_tables(const Version& version);

}  // namespace bdrmesh::lab
