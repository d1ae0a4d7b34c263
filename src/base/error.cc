#include "base/error.h"

#include <array>
#include <utility>

namespace bdrmesh {
namespace {

constexpr std::array<std::pair<ErrorKind, std::string_view>, 7> kNames{{
    {ErrorKind::transient, "transient"},
    {ErrorKind::ambiguous, "ambiguous"},
    {ErrorKind::conflict, "conflict"},
    {ErrorKind::precondition, "precondition"},
    {ErrorKind::invalid, "invalid"},
    {ErrorKind::cancelled, "cancelled"},
    {ErrorKind::bug, "bug"},
}};

}  // namespace

std::string_view to_string(ErrorKind kind) {
  for (const auto& [value, name] : kNames) {
    if (value == kind) return name;
  }
  return "bug";
}

ErrorKind error_kind_from(std::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (name == text) return value;
  }
  throw Error(ErrorKind::bug, "UNKNOWN_ERROR_KIND", "no error kind is called '" + std::string(text) + "'");
}

}  // namespace bdrmesh
