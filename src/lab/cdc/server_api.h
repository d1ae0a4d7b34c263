// Endpoints about the TiCDC server and cluster rather than one changefeed (ticdc-api §1.5.10).
// Thread-safe.
#pragma once

#include <mutex>
#include <string>

#include "lab/cdc/api_context.h"
#include "lab/cdc/api_router.h"

namespace bdrmesh::lab {

class ServerApi {
 public:
  explicit ServerApi(const ApiContext& context) : context_(context) {}

  HttpResponse health() const;
  HttpResponse status() const;
  HttpResponse config() const;
  HttpResponse captures() const;
  HttpResponse drain(const ApiCall& call) const;
  HttpResponse processors() const;
  HttpResponse processor(const ApiCall& call) const;
  HttpResponse tso(const ApiCall& call) const;
  HttpResponse log_level(const ApiCall& call) const;
  HttpResponse log_redaction(const ApiCall& call);
  HttpResponse resign() const;
  HttpResponse metadata() const;
  HttpResponse debug_info() const;
  HttpResponse resolve_lock(const ApiCall& call) const;
  HttpResponse delete_gc_safepoint(const ApiCall& call) const;

 private:
  const ApiContext& context_;
  std::mutex mutex_;  // guards redaction_
  std::string redaction_ = "off";
};

}  // namespace bdrmesh::lab
