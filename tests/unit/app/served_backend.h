// The fake backend behind a real server on a port of its own.
#pragma once

#include <future>
#include <string>

#include "api/http_server.h"
#include "api/router.h"
#include "unit/api/fake_backend.h"

namespace bdrmesh::testing_api {

struct ServedBackend {
  ServedBackend() { server.start(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server.port()); }

  FakeBackend backend;
  Router router{backend};
  HttpServer server{{}, [this](const ApiRequest& asked) { return router.answer(asked); }};
};

}  // namespace bdrmesh::testing_api
