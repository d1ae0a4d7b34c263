// Certificates in memory. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "verify/certificate_book.h"

namespace bdrmesh::fakes {

class MemoryCertificates final : public verify::CertificateBook {
 public:
  void put(const std::string& id, const Json& certificate, WallTime) override {
    const std::lock_guard lock(mutex_);
    all_[id] = certificate;
  }
  std::map<std::string, Json> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;  ///< guards all_
  std::map<std::string, Json> all_;
};

}  // namespace bdrmesh::fakes
