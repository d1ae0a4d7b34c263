// Takes known secrets out of a text that somebody else wrote. Pure but for `secret_environment`.
#pragma once

#include <string>
#include <vector>

#include "base/secret.h"

namespace bdrmesh {

/// `text` with every secret replaced by `***`, the longest first; secrets of fewer than four
/// characters would take apart ordinary words and are left.
std::string mask_secrets(std::string text, std::vector<Secret> secrets);

/// Whether a variable's name says that its value is a secret: PASSWORD, SECRET, TOKEN, KEY, ...
bool names_a_secret(const std::string& variable);

/// The values of all variables of this process whose names say so.
std::vector<Secret> secret_environment();

}  // namespace bdrmesh
