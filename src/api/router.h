// The routes below /api/v1: parse, call the backend once, format. Knows no sockets; thread-safe if
// the backend is.
#pragma once

#include "api/backend.h"
#include "api/http_types.h"

namespace bdrmesh {

class Router {
 public:
  /// `backend` must outlive the router.
  explicit Router(Backend& backend) : backend_(backend) {}

  /// Answers every request; failures become problem+json. Blocks as long as the backend does. Never
  /// throws.
  ApiReply answer(const ApiRequest& request) const;

 private:
  Backend& backend_;
};

}  // namespace bdrmesh
