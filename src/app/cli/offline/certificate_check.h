// `certificate verify`: whether a certificate is as it was issued; offline.
#pragma once

#include <string>

#include "app/cli/client/operations.h"

namespace bdrmesh {

/// Prints what is wrong with the text of a certificate, or that nothing is and what it proves.
/// @param digest  one that was noted when it was issued; empty: none
/// @return `needs_attention` when it is not as issued; `differences` or `incomplete` when it is,
/// but is no proof.
ExitCode check_certificate(const std::string& text, const std::string& digest, OutputForm form,
                           Terminal& terminal);

/// A certificate for people.
std::string render_certificate(const Json& certificate);
std::string render_certificates(const Json& answer);

}  // namespace bdrmesh
