// Names that must be typed before what they name is dropped or emptied, in groups that protect
// them. Pure.
#pragma once

#include <string>
#include <vector>

#include "ddl/statement.h"
#include "model/desired.h"

namespace bdrmesh::flows {

/// The protected tables and databases that lose all or part of their rows by the script: DROP
/// DATABASE, DROP TABLE, TRUNCATE, DROP and TRUNCATE PARTITION. Each once, as `app.orders` or
/// `app`, without those that were `typed`; in the order of the script.
std::vector<std::string> names_to_type(const std::vector<ddl::Statement>& script,
                                       const GroupSpec& group,
                                       const std::vector<std::string>& typed);

}  // namespace bdrmesh::flows
