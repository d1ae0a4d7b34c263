// Reads `[[group.hook]]`. Used by one thread.
#pragma once

#include <string>

#include "app/config/config_fields.h"

namespace bdrmesh {

/// `where` names the group in messages.
HookSpec read_hook(const ConfigNode& table, const std::string& where, ConfigResult& result);

}  // namespace bdrmesh
