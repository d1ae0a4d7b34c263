// What the HTTP routes ask: views of what was seen and stored, and the start of operations.
// docs/openapi.yaml describes every answer, schema by schema; a test compares them. Implementations
// are thread-safe: handlers call them from several threads at once.
// Every call answers from what is known already and never waits for an operation. `group_plan`,
// `doctor` and `submit` ask the clusters, each for a bounded time.
//
// Times are RFC 3339 UTC texts, TSOs are texts (they do not fit a JavaScript number), spans are
// integers of milliseconds. What is not known is null. Lists are never null.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

/// A request to start an operation: by kind and arguments, or by the id of a stored plan. The
/// arguments of each kind stand in docs/openapi.yaml.
struct SubmitOperation {
  std::string kind;
  Json args = Json::object();
  std::string plan;  ///< id of a stored plan: kind and args are then empty
  bool dry_run = false;
  bool queue = false;              ///< wait for locks instead of refusing
  std::optional<Millis> deadline;  ///< from now; not across the line by then: undone
  std::string idempotency_key;     ///< empty: none
  std::string requested_by;        ///< for the record; may be empty
};

/// A body with the HTTP status that goes with it.
struct Answer {
  int status = 200;
  Json body;
};

/// All methods throw Error: invalid `UNKNOWN_CLUSTER`, `UNKNOWN_GROUP`, `UNKNOWN_LINK`,
/// `UNKNOWN_OPERATION`, `UNKNOWN_PLAN` (answered as 404) for names that nobody knows.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual Json status() = 0;    ///< Status
  virtual Json clusters() = 0;  ///< Clusters
  virtual Json cluster(const std::string& name) = 0;
  /// 200 or 503: for load balancers (design §5, hooks).
  virtual Answer writable(const std::string& cluster) = 0;
  virtual Json groups() = 0;
  /// A pair of primary and secondary: readiness, positions, what a failover would lose now.
  virtual Json pair(const std::string& group) = 0;
  virtual Json group(const std::string& name) = 0;
  virtual Json group_plan(const std::string& name) = 0;
  virtual Json links() = 0;
  virtual Json link(const std::string& group, const std::string& from, const std::string& to) = 0;
  /// How far behind a link was in the last so many milliseconds, in spans that fit a screen.
  virtual Json link_history(const std::string& group, const std::string& from,
                            const std::string& to, Millis last) = 0;
  virtual Json operations(int limit) = 0;  ///< newest first
  virtual Json operation(const std::string& id) = 0;
  virtual Json calls(const std::string& id) = 0;  ///< outward calls, oldest first
  /// Oldest first, those with a number above `after`. @param operation  only its own; empty: all.
  virtual Json events(std::int64_t after, int limit, const std::string& operation) = 0;
  virtual std::int64_t newest_event() = 0;  ///< its number; 0: none yet
  virtual Json gates() = 0;                 ///< the ones that are not open, and who holds them
  virtual Json doctor(const Json& args) = 0;
  virtual Json certificates() = 0;  ///< newest first, without their evidence
  /// As it was issued. @throws Error invalid `UNKNOWN_CERTIFICATE`.
  virtual Json certificate(const std::string& id) = 0;
  virtual Json coverage() = 0;  ///< when each table was last proven, the longest ago first
  virtual Json plan(const std::string& id) = 0;  ///< a stored plan as its dry run showed it

  /// Starts an operation: {"operation":id}, durable when this returns; the earlier id for a known
  /// idempotency key with the same request. A dry run changes nothing on the clusters, stores its
  /// plan and answers it with `plan_id`.
  /// @throws Error conflict `WORLD_CHANGED` with both values of everything that is not as the
  /// stored plan saw it, `PLAN_ALREADY_RUN`; precondition `IDEMPOTENCY_KEY_REUSED`, `PLAN_EXPIRED`.
  virtual Json submit(const SubmitOperation& request) = 0;
  virtual Json cancel(const std::string& id) = 0;  ///< {"operation":id}
  virtual Json resume(const std::string& id) = 0;  ///< {"operation":id}
  virtual Json retry(const std::string& id, const std::string& step) = 0;
  virtual Json skip(const std::string& id, const std::string& step, const std::string& reason,
                    const std::string& by) = 0;
};

}  // namespace bdrmesh
