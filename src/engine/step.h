// A step: asks the world what is true, nudges it, asks again. Running it twice is harmless.
// Per step the runner does: precondition; journal `started`; verify; if not yet true: execute;
// verify until it holds or is refused; journal `done` together with the facts set. After a restart
// it begins at verify.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/json.h"
#include "engine/facts.h"
#include "engine/plan.h"
#include "engine/verdict.h"

namespace bdrmesh {

/// What a step sees of its operation. Valid during one call only; used by one thread at a time.
class StepContext {
 public:
  virtual ~StepContext() = default;

  virtual const std::string& operation() const = 0;  ///< operation id
  virtual const Json& subject() const = 0;           ///< Plan::subject
  virtual const Call& call() const = 0;  ///< deadline of this call, stop on shutdown or cancel
  virtual WallTime now() const = 0;
  /// When the operation's transient gates must be open again at the latest; far future when the
  /// plan has no budget.
  virtual WallTime pause_deadline() const = 0;

  /// @return the fact's value; std::nullopt when nobody has set it in this run of its stage.
  virtual std::optional<Json> fact(const std::string& name, const std::string& scope) const = 0;
  virtual std::vector<Fact> facts(const std::string& name) const = 0;
  /// Sets a fact; it is committed together with the step's next journal write (`done`, or at once
  /// by `checkpoint`).
  virtual void set_fact(Fact fact) = 0;
  /// Makes facts set so far durable now, before something that cannot be repeated (connection ids
  /// before a DDL).
  virtual void checkpoint() = 0;
  /// The first irreversible thing has really happened. Durable when this returns. Harmless when
  /// repeated.
  virtual void cross_line(const std::string& evidence) = 0;
  virtual bool line_crossed() const = 0;
  /// Whether a person has resumed the operation since it was blocked, in this process.
  virtual bool resumed_by_person() const = 0;
  /// One line for the operation's event list (severity "info", "warning", "alarm"). Never a secret.
  virtual void event(const std::string& severity, const std::string& text) = 0;
};

enum class Crossing { no, yes, cannot_tell_yet };

class Step {
 public:
  virtual ~Step() = default;

  /// For people: `close_gate:east`.
  virtual std::string name() const = 0;
  /// Checked before the step starts and by dry runs; changes nothing.
  virtual Verdict precondition(StepContext&) { return holds(); }
  /// Never changes the world. Waiting lives here: not_yet is asked again after a growing pause.
  virtual Verdict verify(StepContext& ctx) = 0;
  /// Short (or on the slow lane) and safe to repeat.
  virtual void execute(StepContext& ctx) = 0;
  /// Undoes what `execute` of this operation did, nothing else; safe to repeat. Called in reverse
  /// order of starting, only before the line is crossed. Throws when it could not: the operation
  /// then blocks.
  virtual void compensate(StepContext&) {}
  /// For steps behind the line that were started while the line is not yet recorded as crossed: has
  /// the irreversible thing happened, or may it still? Asked before anything is undone or begun
  /// anew.
  virtual Crossing crossed(StepContext&) { return Crossing::no; }
};

}  // namespace bdrmesh
