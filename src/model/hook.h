// What the operator's own programs and services are told or asked around the stages of an
// operation (`[[group.hook]]`). Secrets are only named here, never held.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/secret_source.h"

namespace bdrmesh {

enum class HookWhen { before, after };
/// stop: the operation is undone; warn: it goes on, and says so.
enum class HookFailure { stop, warn };

struct HookSpec {
  std::vector<std::string> on;  ///< kinds of operations, as asked for or as planned: `ddl.run`
  std::string stage;            ///< name of a stage, or `start` or `end`
  HookWhen when = HookWhen::before;
  std::vector<std::string> run;             ///< program and arguments, no shell; or
  std::string url;                          ///< where a POST goes
  SecretSource token;                       ///< of a URL: sent as bearer token
  std::map<std::string, SecretSource> env;  ///< of a program: more variables
  Millis timeout{30'000};
  HookFailure on_failure = HookFailure::stop;
};

}  // namespace bdrmesh
