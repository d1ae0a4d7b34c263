// Decides how the rows of a table are read for comparison, from its definition: which columns, in
// which form, by which key ranges are cut. Pure; thread-safe. @see docs/adr/0006-row-digest.md
#pragma once

#include <string>
#include <vector>

#include "clients/table_reader.h"
#include "ddl/table_definition.h"

namespace bdrmesh::verify {

struct ReadingPlan {
  TableRead read;
  /// What comparing by it leaves unproven, in words: columns of unknown type, no key.
  std::vector<std::string> not_proven;
  /// Left out because others determine it: virtual generated columns.
  std::vector<std::string> derived;
};

ReadingPlan plan_reading(const TableName& table, const ddl::TableDefinition& definition);

}  // namespace bdrmesh::verify
