// A failure with what it rests on, for the `evidence` of a problem document. A value.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "base/json.h"

namespace bdrmesh {

class Refusal final : public Error {
 public:
  /// @param evidence  an object: names, numbers, and both sides of what does not agree.
  Refusal(ErrorKind kind, std::string code, const std::string& message, std::string remedy,
          Json evidence)
      : Error(kind, std::move(code), message, std::move(remedy)), evidence_(std::move(evidence)) {}

  const Json& evidence() const { return evidence_; }

 private:
  Json evidence_;
};

}  // namespace bdrmesh
