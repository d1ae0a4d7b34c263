#include "api/problem.h"

#include "base/json.h"

namespace bdrmesh {
namespace {

ApiReply make(int status, const std::string& code, std::string_view kind, const std::string& detail,
              const std::string& remedy) {
  const Json body{{"type", "about:blank"}, {"title", code},    {"status", status}, {"code", code},
                  {"kind", kind},          {"detail", detail}, {"remedy", remedy}};
  // Messages quote what servers said, which need not be UTF-8.
  return {status,
          "application/problem+json",
          body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n",
          {}};
}

}  // namespace

int http_status_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::invalid:
      return error.code().starts_with("UNKNOWN_") ? 404 : 400;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::precondition:
      return 422;
    case ErrorKind::transient:
    case ErrorKind::ambiguous:
    case ErrorKind::cancelled:
      return 503;
    case ErrorKind::bug:
      break;
  }
  return 500;
}

ApiReply problem_reply(const Error& error) {
  return make(http_status_of(error), error.code(), to_string(error.kind()), error.message(),
              error.remedy());
}

ApiReply problem_reply(int status, const std::string& code, const std::string& detail,
                       const std::string& remedy) {
  return make(status, code, to_string(status >= 500 ? ErrorKind::bug : ErrorKind::invalid), detail,
              remedy);
}

}  // namespace bdrmesh
