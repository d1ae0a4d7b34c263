// The definitions that the members have of the group's tables, read once for all checks that judge
// them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "doctor/check.h"

namespace bdrmesh::doctor {

struct Definitions {
  std::map<TableName, std::map<ClusterName, std::optional<std::string>>> tables;
  std::size_t left_out = 0;  ///< tables beyond the number that one examination reads

  /// The tables whose definition on some member contains one of `signs`, each once.
  std::vector<TableName> with(const std::vector<std::string>& signs) const;
};

/// Reads at the first call and keeps it in `ctx`; what could not be read is a finding of the check
/// that asked first. Blocks.
const Definitions& definitions(CheckContext& ctx, Findings& findings);

/// `app.a, app.b and 3 more`.
std::string named(const std::vector<TableName>& tables);

}  // namespace bdrmesh::doctor
