// Certificates: the evidence that an operation leaves, as JSON in one canonical form with the
// SHA-256 of all of it and of each of its parts. The digest finds every change; it does not say who
// made the certificate: whoever changes one on purpose can seal it anew, with another digest. Pure;
// thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace bdrmesh::verify {

/// SHA-256 in lower-case hex.
std::string sha256_hex(std::string_view bytes);

/// The one canonical text of `json`: members in the order of the bytes of their names, no white
/// space, UTF-8. @throws Error invalid `BAD_CERTIFICATE` for a number with a fraction, and for
/// texts that are no UTF-8: `sealed` leaves neither.
std::string canonical(const Json& json);

/// `body` with `parts`, the digest of each of its members, and `digest`, that of everything but
/// itself. Numbers with a fraction become texts, bytes that are no UTF-8 are replaced.
Json sealed(Json body);

/// Something that is not as it was when the certificate was issued.
struct CertificateFault {
  std::string part;  ///< a member; `digest`, `parts`; `text` when it cannot be read at all
  std::string why;
};

/// What is wrong with the text of a certificate; empty when every byte is as it was issued, but for
/// one line end after it. Never throws for what stands in the text.
std::vector<CertificateFault> certificate_faults(std::string_view text);

}  // namespace bdrmesh::verify
