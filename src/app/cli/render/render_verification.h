// What a verification of rows or definitions proved, as text for people. Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace bdrmesh {

/// The verdict, what was read, who disagrees about what, and what was not proven.
/// `verification`: the result of an operation verify.rows, verify.schema or repair.apply.
std::string render_verification(const Json& verification);
/// When each table was last proven: an answer of `GET /coverage`.
std::string render_coverage(const Json& coverage);

}  // namespace bdrmesh
