// Takes row values and passwords out of texts that servers send, before they reach an Error, a log
// or a screen. TiCDC prints the values of a failing statement in clear (measured §3, 4). Pure.
#pragma once

#include <string>
#include <string_view>

namespace bdrmesh {

/// Replaces by `***`: the lists after `values:` and `args:`, what stands in quotes after `Duplicate
/// entry` and `value:`, and the password of every `scheme://user:password@host`. A list that is cut
/// off hides the rest of the text.
std::string mask_values(std::string_view text);

}  // namespace bdrmesh
