// How the flows run the operator's hooks: implemented where programs are started and secrets read.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/call.h"
#include "model/hook.h"

namespace bdrmesh::flows {

/// One hook as it is run now.
struct HookCall {
  HookSpec hook;
  std::string operation;
  std::string kind;   ///< of the operation's plan
  std::string group;  ///< empty: none
  int attempt = 1;    ///< grows when a crash left open whether it had ended
  Millis limit{0};    ///< its timeout, or what is left of the pause
};

struct HookOutcome {
  bool ok = false;
  bool stopped = false;  ///< we were asked to stop and ended it; it says nothing about the hook
  std::string ended;     ///< "exit status 0", "timed out after 5000 ms", "HTTP 503"
  std::string output;    ///< its last lines, bounded, secrets masked
  Millis took{0};
};

class HookRunner {
 public:
  virtual ~HookRunner() = default;

  /// Why this hook cannot be run at all (no such program, a secret that cannot be read); empty when
  /// nothing is known against it. Runs nothing.
  virtual std::string fault_of(const HookSpec& hook) = 0;
  /// Runs it to its end, its limit or a stop; then nothing of it runs any more. `begun` is called
  /// with a mark of what was started, before it can have ended. Blocks; thread-safe; reports
  /// failures as outcomes.
  virtual HookOutcome run(const HookCall& call,
                          const std::function<void(const std::string&)>& begun,
                          const Call& limits) = 0;
  /// Ends what an earlier process of ours began under this mark, if it still runs.
  virtual void end_leftover(const std::string& mark) = 0;
};

}  // namespace bdrmesh::flows
