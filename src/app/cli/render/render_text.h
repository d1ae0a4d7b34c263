// Small readers for rendering: a member of an answer as text, whatever it is.
#pragma once

#include <string>

#include "app/cli/render/text_table.h"
#include "base/json.h"

namespace bdrmesh {

/// A member as text; `-` when it is missing, null or empty.
std::string text_of(const Json& object, const char* key);
/// A list member; empty when it is missing or no list.
const Json& list_of(const Json& object, const char* key);
/// An object member; null when it is missing.
const Json& part_of(const Json& object, const char* key);
bool is_true(const Json& object, const char* key);
std::string value_text(const Json& value);
/// The same for evidence: objects as `name value, name value`, the time in UTC beside a TSO.
std::string evidence_value(const Json& value);
/// `waits for the checkpoint`, `waits to see ...`: what a step says that it waits for.
std::string waits(const std::string& what);

}  // namespace bdrmesh
