// Which TiDB and which TiCDC a cluster imitates: what follows from the versions is decided by
// whoever imitates it. Values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/version.h"

namespace bdrmesh::lab {

/// The two code bases of TiCDC (ticdc-api §0): they differ in states, errors and what blocks.
enum class TicdcFamily { classic, new_arch };

struct Profile {
  std::string name;  ///< `classic-8.5`
  Version tidb;      ///< also of PD and TiKV
  Version ticdc;
  TicdcFamily family = TicdcFamily::classic;

  bool is_classic() const { return family == TicdcFamily::classic; }
  /// TiDB knows BDR roles from v7.6 on (tidb-sql §1.2).
  bool has_bdr_role() const { return tidb >= Version{7, 6, 0}; }
};

/// classic-6.5, classic-7.5, classic-8.5 and new-8.5, in this order.
const std::vector<Profile>& all_profiles();
inline constexpr std::string_view kDefaultProfile = "classic-8.5";

/// @throws Error invalid `UNKNOWN_PROFILE`, naming those that there are.
const Profile& find_profile(std::string_view name);

}  // namespace bdrmesh::lab
