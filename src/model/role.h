// BDR roles of a cluster (tidb-sql §1.2).
#pragma once

#include <optional>
#include <string_view>

namespace bdrmesh {

enum class BdrRole { none, primary, secondary };

/// `primary`, `secondary` or the empty text, as ADMIN SHOW BDR ROLE answers.
std::string_view to_string(BdrRole role);
/// @return std::nullopt for a word that TiDB's releases do not use: refuse to act on it.
std::optional<BdrRole> bdr_role_from(std::string_view text);

}  // namespace bdrmesh
