#include "lab/app/lab_api.h"

#include <csignal>
#include <unistd.h>

#include "lab/fault/fault_catalogue.h"

namespace bdrmesh::lab::app {
namespace {

fault::Words words_in(const Json& request) {
  if (request.contains("line"))
    return fault::split_words(get_required<std::string>(request, "line"));
  return get_required<fault::Words>(request, "words");
}

int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::precondition:
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::transient:
    case ErrorKind::ambiguous:
    case ErrorKind::cancelled:
      return 503;
    case ErrorKind::bug:
      break;
  }
  return 500;
}

HttpResponse json_answer(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.body = body.dump(2) + "\n";
  return response;
}

/// The command that a route stands for; null when there is no such route.
Json command_of(const HttpRequest& request) {
  const std::string route = request.method + " " + request.path;
  if (route == "GET /status") return {{"command", "status"}};
  if (route == "GET /faults") return {{"command", "fault"}, {"words", {"list"}}};
  if (route == "POST /down") return {{"command", "down"}};
  if (route != "POST /faults" && route != "POST /faults/check") return {};
  Json body = parse_json(request.body, "the body");
  if (!body.is_object()) throw Error(ErrorKind::invalid, "BAD_REQUEST", "the body is no object");
  body["command"] = request.path == "/faults" ? "fault" : "check";
  return body;
}

}  // namespace

Json problem_json(const Error& error) {
  return Json{{"error",
               {{"kind", to_string(error.kind())},
                {"code", error.code()},
                {"message", error.message()},
                {"remedy", error.remedy()}}}};
}

Json LabApi::status() const {
  Json status = lab_.status();
  status["faults"] = faults_.in_force();
  return status;
}

Json LabApi::answer(const Json& request) {
  const auto command = get_required<std::string>(request, "command");
  if (command == "status") return status();
  if (command == "fault") return faults_.order(words_in(request));
  if (command == "check") {
    fault::check_words(words_in(request), fault::names_of(lab_));
    return {{"text", "the words are understood\n"}};
  }
  if (command == "complete") {
    return {{"words", fault::completions(words_in(request), fault::names_of(lab_))}};
  }
  if (command == "down") {
    ::kill(::getpid(), SIGTERM);  // blocked everywhere: the main thread waits for it
    return {{"text", "ending"}};
  }
  throw Error(ErrorKind::invalid, "BAD_REQUEST", "no command '" + command + "'");
}

HttpResponse LabApi::answer_http(const HttpRequest& request) {
  // A page in a browser on this machine could send orders too; browsers say where they come from.
  if (request.headers.contains("origin")) {
    return json_answer(403, problem_json(Error(ErrorKind::invalid, "BAD_REQUEST",
                                               "web pages may not give orders to a lab")));
  }
  try {
    const Json command = command_of(request);
    if (!command.is_null()) return json_answer(200, answer(command));
    return json_answer(404, problem_json(Error(ErrorKind::invalid, "BAD_REQUEST",
                                               "no route " + request.method + " " + request.path,
                                               "GET /status, GET /faults, POST /faults")));
  } catch (const Error& e) {
    return json_answer(http_status(e.kind()), problem_json(e));
  }
}

}  // namespace bdrmesh::lab::app
