// Where certificates are kept beyond their operations. The state file implements it.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh::verify {

/// Implementations are thread-safe; each call is durable when it returns.
class CertificateBook {
 public:
  virtual ~CertificateBook() = default;
  /// Keeps a sealed certificate, in the place of an earlier one with the same id.
  virtual void put(const std::string& id, const Json& certificate, WallTime at) = 0;
};

}  // namespace bdrmesh::verify
