// Thrown inside a session when a statement ends with an error for the client; the session catches
// it.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "lab/wire/reply.h"

namespace bdrmesh::lab {

class Refused : public std::exception {
 public:
  explicit Refused(SqlFailure failure) : failure_(std::move(failure)) {}
  Refused(int code, std::string state, std::string message)
      : failure_{code, std::move(state), std::move(message)} {}

  const SqlFailure& failure() const { return failure_; }
  const char* what() const noexcept override { return failure_.message.c_str(); }

 private:
  SqlFailure failure_;
};

}  // namespace bdrmesh::lab
