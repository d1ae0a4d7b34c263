// Fills a fresh cluster through SQL: the application's tables with the same rows everywhere, and
// the users with exactly the rights that the product's manual asks for.
#pragma once

#include <string>
#include <vector>

#include "lab/site/lab_plan.h"

namespace bdrmesh::lab::site {

/// What an administrator types on a new cluster, in order. Holds passwords: not for logs.
std::vector<std::string> provisioning(const ClusterView& cluster);

}  // namespace bdrmesh::lab::site
