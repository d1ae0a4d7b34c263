// What can be done to a changefeed over the API. Each family has rules of its own for what is
// checked in which order, what blocks and what is silently ignored: ClassicChangefeeds and
// NewArchChangefeeds. Reading is the same but for the form of answers. Thread-safe.
#pragma once

#include <memory>

#include "lab/cdc/api_context.h"
#include "lab/cdc/api_router.h"

namespace bdrmesh::lab {

class ChangefeedApi {
 public:
  explicit ChangefeedApi(const ApiContext& context) : context_(context) {}
  virtual ~ChangefeedApi() = default;
  ChangefeedApi(const ChangefeedApi&) = delete;
  ChangefeedApi& operator=(const ChangefeedApi&) = delete;

  virtual HttpResponse create(const ApiCall& call) = 0;
  virtual HttpResponse update(const ApiCall& call) = 0;
  virtual HttpResponse pause(const ApiCall& call) = 0;
  virtual HttpResponse resume(const ApiCall& call) = 0;
  virtual HttpResponse remove(const ApiCall& call) = 0;
  virtual HttpResponse synced(const ApiCall& call) = 0;
  virtual HttpResponse detail(const ApiCall& call) = 0;
  virtual HttpResponse verify_table(const ApiCall& call) = 0;
  HttpResponse list(const ApiCall& call);
  /// The same without the object around it, as API v1 answers.
  HttpResponse bare_list(const ApiCall& call);
  HttpResponse status(const ApiCall& call);

 protected:
  const ApiContext& context_;
};

/// @param context  must live as long as the result.
std::unique_ptr<ChangefeedApi> make_classic_changefeeds(const ApiContext& context);
std::unique_ptr<ChangefeedApi> make_new_arch_changefeeds(const ApiContext& context);

}  // namespace bdrmesh::lab
