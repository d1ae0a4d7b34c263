// A table as it was at some TSO, readable in the hidden schema as long as somebody holds it.
// Immutable value.
#pragma once

#include <cstdint>
#include <string>

#include "lab/core/binlog_convention.h"
#include "lab/parse/cursor.h"

namespace bdrmesh::lab {

struct PastTable {
  ObjectName asked;
  std::uint64_t ts = 0;
  bool exists = false;
  bool is_view = false;
  std::string hidden;      ///< name in kPastSchema; of a view or a sequence: empty
  std::string view_query;  ///< of a view: its SELECT as the engine keeps it
};

}  // namespace bdrmesh::lab
