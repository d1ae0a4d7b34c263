// A refusal of the daemon with what it rests on (problem+json, docs/api.md). A value.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "base/json.h"

namespace bdrmesh {

class ApiProblem final : public Error {
 public:
  ApiProblem(ErrorKind kind, std::string code, const std::string& detail, std::string remedy,
             Json evidence)
      : Error(kind, std::move(code), detail, std::move(remedy)), evidence_(std::move(evidence)) {}

  /// An object, or null when the daemon gave none.
  const Json& evidence() const { return evidence_; }

 private:
  Json evidence_;
};

}  // namespace bdrmesh
