// Failures as `application/problem+json`: {type, title, status, code, kind, detail, evidence,
// remedy}. Pure.
#pragma once

#include <string>

#include "api/http_types.h"
#include "base/error.h"
#include "base/json.h"

namespace bdrmesh {

/// invalid 400 (UNKNOWN_... 404), conflict 409, precondition 422, transient and ambiguous and
/// cancelled 503, bug 500.
int http_status_of(const Error& error);

/// With the evidence of a Refusal. 503 carries Retry-After.
ApiReply problem_reply(const Error& error);
/// A failure of HTTP itself (404 for a path, 405, 413, 415, malformed 400).
ApiReply problem_reply(int status, const std::string& code, const std::string& detail,
                       const std::string& remedy, const Json& evidence = Json::object());

}  // namespace bdrmesh
