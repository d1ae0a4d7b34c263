// Certificates in the state file: kept when the details of their operations are dropped.
#pragma once

#include "store/state_store.h"
#include "verify/certificate_book.h"

namespace bdrmesh {

inline constexpr const char* kCertificateDocument = "certificate";

class StoreCertificates final : public verify::CertificateBook {
 public:
  explicit StoreCertificates(StateStore& store) : store_(store) {}

  void put(const std::string& id, const Json& certificate, WallTime at) override {
    store_.put_document({kCertificateDocument, id, at, certificate});
  }

 private:
  StateStore& store_;
};

}  // namespace bdrmesh
