#include "api/problem.h"

#include "api/refusal.h"

namespace bdrmesh {
namespace {

ApiReply make(int status, const std::string& code, std::string_view kind, const std::string& detail,
              const std::string& remedy, const Json& evidence) {
  const Json body{{"type", "about:blank"}, {"title", code},   {"status", status},
                  {"code", code},          {"kind", kind},    {"detail", detail},
                  {"evidence", evidence},  {"remedy", remedy}};
  ApiReply reply;
  reply.status = status;
  reply.content_type = "application/problem+json";
  // Messages quote what servers said, which need not be UTF-8.
  reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  if (status == 503) reply.headers.emplace_back("Retry-After", "2");
  return reply;
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
  const auto* refusal = dynamic_cast<const Refusal*>(&error);
  return make(http_status_of(error), error.code(), to_string(error.kind()), error.message(),
              error.remedy(), refusal != nullptr ? refusal->evidence() : Json::object());
}

ApiReply problem_reply(int status, const std::string& code, const std::string& detail,
                       const std::string& remedy, const Json& evidence) {
  const ErrorKind kind = status == 503   ? ErrorKind::transient
                         : status >= 500 ? ErrorKind::bug
                                         : ErrorKind::invalid;
  return make(status, code, to_string(kind), detail, remedy, evidence);
}

}  // namespace bdrmesh
