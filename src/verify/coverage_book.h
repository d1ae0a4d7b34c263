// When each table was last proven equal on all members. The state file implements it.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "model/names.h"

namespace bdrmesh::verify {

/// What a comparison of rows says of one table.
struct TableLook {
  GroupName group;
  TableName table;
  std::string operation;
  std::string mode;     ///< live, snapshot
  std::string verdict;  ///< equal, differences, incomplete
  std::uint64_t rows = 0;
  Json positions = Json::object();  ///< the TSOs of the cut, by member; empty when live
};

/// Implementations are thread-safe; each call is durable when it returns.
class CoverageBook {
 public:
  virtual ~CoverageBook() = default;
  /// Notes the look. Only an equal one moves the time of the last proof.
  virtual void looked(const TableLook& look, WallTime at) = 0;
};

}  // namespace bdrmesh::verify
