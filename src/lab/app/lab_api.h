// What a running lab answers and obeys, whoever asks: its commands by the Unix socket, others by
// HTTP on 127.0.0.1. Thread-safe.
#pragma once

#include "base/json.h"
#include "lab/fault/fault_board.h"
#include "lab/http/http_server.h"
#include "lab/site/lab.h"

namespace bdrmesh::lab::app {

class LabApi {
 public:
  explicit LabApi(site::Lab& lab) : lab_(lab), faults_(lab) {}

  /// Answers {"command": "status" | "fault" | "check" | "complete" | "down", ...}: `fault`,
  /// `check` (a rehearsal of the words only) and `complete` take "words".
  /// @throws Error invalid `BAD_REQUEST`, and what the command meets.
  Json answer(const Json& request);

  /// GET /status, GET /faults, POST /faults {"words": [...]} or {"line": "kill east ticdc"},
  /// POST /faults/check, POST /down. Failures carry the same `error` object as on the socket.
  HttpResponse answer_http(const HttpRequest& request);

 private:
  Json status() const;

  site::Lab& lab_;
  fault::FaultBoard faults_;
};

/// `{"error": {kind, code, message, remedy}}`
Json problem_json(const Error& error);

}  // namespace bdrmesh::lab::app
