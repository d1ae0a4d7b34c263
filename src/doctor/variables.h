// System variables as checks read them.
#pragma once

#include <optional>
#include <string>

#include "doctor/check.h"

namespace bdrmesh::doctor {

/// @return std::nullopt for a variable that the version does not have. Blocks.
/// @throws Error as TidbCluster::global_variable.
inline std::optional<std::string> variable(const CheckContext& ctx, const ClusterName& name,
                                           const std::string& variable_name) {
  try {
    return ctx.world.tidb(name).global_variable(variable_name, ctx.call);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::invalid) return std::nullopt;
    throw;
  }
}

inline bool is_on(const std::optional<std::string>& value) {
  return value && (*value == "ON" || *value == "1");
}

}  // namespace bdrmesh::doctor
