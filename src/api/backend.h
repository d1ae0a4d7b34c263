// What the HTTP routes ask: views of what was seen and stored, and the start of operations.
// The shapes of every answer are written down here; docs/api.md shows them to users and the CLI
// renders them. Implementations are thread-safe: handlers call them from several threads at once.
// Every call answers from what is known already and never waits for an operation; `doctor` and a
// dry run may ask the clusters.
//
// Times are RFC 3339 UTC texts, TSOs are texts (they do not fit a JavaScript number), spans are
// integers of milliseconds. What is not known is null. Lists are never null.
//
//   gate:
//   {"cluster","state":"open|closing|closed|unknown","owner","operation","reason","since","age_ms",
//               "line_crossed":bool,"undo":"command to type"}
//   cluster:   {"name","version","source_id","role":"primary|secondary|none|unknown",
//               "servers":[{"address","reachable":bool,"read_only":bool|null,"version","error"}],
//               "ticdc":{"version","healthy":bool,"error"},
//               "token":{"manager","ours":bool,"epoch"}|null,
//               "gate":"open|closing|closed|unknown","seen_at","error"}
//   link:
//   {"group","from","to","changefeed","incarnation","state","checkpoint":"tso","checkpoint_time","lag_ms",
//               "verdict":"moving|slow|stuck|stopped|failed|missing|unknown","since","proven_at",
//               "error":{"code","message"}|null}
//   group:
//   {"name","kind":"multi-active|primary-secondary","ddl_primary":name|null,"members":[name],"tables":[rule],
//               "links":[link],"verdict":"healthy|degraded|down|unknown"}
//   summary: {"id","kind","title","state","created","ended","stage":name|null,"line_crossed":bool}
//   operation:
//   {"id","kind","title","state":"queued|running|compensating|blocked|succeeded|reverted|cancelled",
//               "created","ended","requested_by",
//               "line":{"before_stage":index,"crossed_when","crossed":bool,"evidence"}|null,
//               "pause":{"started","ended","limit_ms","expected_ms","measured_ms"}|null,
//               "stages":[stage],"facts":[{"name","scope","value"}],"events":[event],
//               "error":{"code","text","remedy"}|null,"result":any|null}
//              The first of several stages only looks: an operation undone there is shown as
//              refused, nothing changed. `result` of verify.links:
//              {"links":[{"link","proven",...}],"proven":count,"unproven":count}
//   stage:     {"name","behind_line":bool,
//               "steps":[{"id","name","state":"pending|started|done|failed|compensated","started","ended",
//                         "waiting_for","note"}]}
//   event:     {"number","at","severity":"info|warning|alarm","operation","subject","text"}
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"

namespace bdrmesh {

/// A request to start an operation. `args` by kind:
/// - group.apply: {"group"}
/// - ddl.run: {"group","script":"SQL; SQL","max_pause_ms":int,"kill":bool,"schema":"may be empty"}
/// - verify.links: {"group"}
/// - gate.open: {"cluster"}
struct SubmitOperation {
  std::string kind;
  Json args = Json::object();
  bool dry_run = false;
  std::string idempotency_key;  ///< empty: none
  std::string requested_by;     ///< for the record; may be empty
};

/// A body with the HTTP status that goes with it.
struct Answer {
  int status = 200;
  Json body;
};

/// All methods throw Error: invalid `UNKNOWN_CLUSTER`, `UNKNOWN_GROUP`, `UNKNOWN_LINK`,
/// `UNKNOWN_OPERATION` (answered as 404) for names that nobody knows.
class Backend {
 public:
  virtual ~Backend() = default;

  /// {"at","manager":{"id","epoch","pid","version"},"verdict":"healthy|degraded|down|unknown","reasons":[text],
  ///  "next":"command to type","clusters":[cluster],"groups":[group],"operations":[summary,
  ///  unfinished],"gates":[gate]}
  virtual Json status() = 0;
  virtual Json clusters() = 0;  ///< {"clusters":[cluster]}
  virtual Json cluster(const std::string& name) = 0;
  /// 200 or 503 with {"cluster","writable":bool,"reason","age_ms"}: for load balancers (design §5,
  /// hooks).
  virtual Answer writable(const std::string& cluster) = 0;
  virtual Json groups() = 0;  ///< {"groups":[group]}
  virtual Json group(const std::string& name) = 0;
  /// {"group","changes":[{"object","property","wanted","seen","change":"create|set|none|refused","why"}],"drift":bool}
  virtual Json group_plan(const std::string& name) = 0;
  virtual Json links() = 0;  ///< {"links":[link]}
  virtual Json link(const std::string& group, const std::string& from, const std::string& to) = 0;
  virtual Json operations(int limit) = 0;  ///< {"operations":[summary]}, newest first
  virtual Json operation(const std::string& id) = 0;
  virtual Json events(std::int64_t after, int limit) = 0;  ///< {"events":[event]}, oldest first
  virtual Json gates() = 0;  ///< {"gates":[gate]}: the ones that are not open, and who holds them
  /// `args`: {"group":name} or {}. Asks the clusters.
  /// {"findings":[{"code","severity":"ok|warning|error","cluster","text","remedy"}],"ok":bool}
  virtual Json doctor(const Json& args) = 0;

  /// Starts an operation: {"operation":id}, durable when this returns; the earlier id for a known
  /// idempotency key. A dry run changes nothing and answers
  /// {"plan":{"kind","title","stages":[stage],"line"},"findings":[{"step","verdict":"holds|not_yet|refused","reason",
  ///   "remedy"}],"expected_pause_ms":int|null,"blockers":[{"cluster","user","host","statement","age"}],
  ///  "classification":[{"statement","kind","class","strategy","reason"}]}
  virtual Json submit(const SubmitOperation& request) = 0;
  virtual Json cancel(const std::string& id) = 0;  ///< {"operation":id}
  virtual Json resume(const std::string& id) = 0;  ///< {"operation":id}
};

}  // namespace bdrmesh
