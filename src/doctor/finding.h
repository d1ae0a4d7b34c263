// What a check says about one thing. Values.
#pragma once

#include <string>

namespace bdrmesh::doctor {

enum class Severity { ok, warning, error };

inline const char* to_string(Severity severity) {
  switch (severity) {
    case Severity::ok:
      return "ok";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

struct Finding {
  std::string code;  ///< stable: `SINK_USER_MISSING`
  Severity severity = Severity::ok;
  std::string cluster;  ///< whom it is about; empty for the whole group
  std::string text;     ///< one sentence with names and numbers
  std::string remedy;   ///< what to do or type next; empty when all is well
};

}  // namespace bdrmesh::doctor
