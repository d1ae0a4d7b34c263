#include "model/role.h"

namespace bdrmesh {

std::string_view to_string(BdrRole role) {
  switch (role) {
    case BdrRole::primary:
      return "primary";
    case BdrRole::secondary:
      return "secondary";
    case BdrRole::none:
      break;
  }
  return "";
}

std::optional<BdrRole> bdr_role_from(std::string_view text) {
  if (text.empty()) return BdrRole::none;
  if (text == "primary") return BdrRole::primary;
  if (text == "secondary") return BdrRole::secondary;
  return std::nullopt;
}

}  // namespace bdrmesh
