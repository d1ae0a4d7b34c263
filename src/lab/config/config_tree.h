// The trees of replica_config: members in the order in which each version of TiCDC prints them,
// their types and defaults (ticdc-api §1.6). Pure.
#pragma once

#include <string>

#include "lab/config/api_rules.h"
#include "lab/config/json_types.h"

namespace bdrmesh::lab {

/// The tree with its defaults; a text that begins with `?` is the type of a member that stands in
/// no answer until it is given.
const OrderedJson& config_tree(ConfigTree tree);

/// The tree's defaults alone: what a create starts from.
const OrderedJson& config_defaults(ConfigTree tree);

/// The type that a value of this member must have. @param path  `sink.safe_mode`
GoType config_type(const OrderedJson& in_tree, const std::string& path);

/// Members that are pointers on the server: null takes them away.
bool is_config_pointer(ConfigTree tree, const std::string& path);

}  // namespace bdrmesh::lab
