// Which arguments each kind of operation takes. What a person mistyped must not be overlooked when
// databases are to be changed. Pure. Whether a value makes sense is left to the kind itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace bdrmesh::flows {

enum class ArgType { text, flag, number, texts, list, object };

struct KindArg {
  std::string_view name;
  ArgType type = ArgType::text;
};

/// The arguments of a kind, required ones first; nothing for a kind without a line here, whose
/// arguments are not checked.
const std::vector<KindArg>* args_of(std::string_view kind);

/// Null counts as absent.
/// @throws Error invalid `BAD_ARGUMENT` naming a member that the kind does not know, with the known
/// ones, or one of another type.
void require_known_args(const std::string& kind, const Json& args);

}  // namespace bdrmesh::flows
