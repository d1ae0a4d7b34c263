#include "mesh/judge/explain.h"

#include <algorithm>

#include "mesh/judge/feed_errors.h"
#include "mesh/judge/span_words.h"

namespace bdrmesh {
namespace {

struct Explanation {
  const ExplainInputs& in;
  std::vector<Cause> causes;

  const std::string& from() const { return in.link.from.value(); }
  const std::string& to() const { return in.link.to.value(); }
  std::string words() const { return in.group.value() + " " + from() + " " + to(); }

  void certain(std::string area, std::string text, std::string remedy) {
    causes.push_back({std::move(area), std::move(text), std::move(remedy), true});
  }
  void perhaps(std::string area, std::string text, std::string remedy) {
    causes.push_back({std::move(area), std::move(text), std::move(remedy), false});
  }
};

void say_origin(Explanation& out) {
  const ClusterSeen* origin = out.in.origin;
  if (origin == nullptr) {
    out.certain("upstream", out.from() + " was not asked yet", "wait a second");
    return;
  }
  if (!origin->feeds) {
    out.certain("upstream",
                "TiCDC of " + out.from() + " does not answer: " + origin->ticdc.error +
                    "; nobody knows what its changefeeds do",
                "look at the TiCDC nodes of " + out.from() +
                    "; feeds go on by themselves when one "
                    "runs again");
  } else if (!origin->ticdc.trouble.empty()) {
    out.perhaps("upstream",
                "the newest question to TiCDC of " + out.from() + " failed: " +
                    origin->ticdc.trouble + " (a change of its owner takes up to 15 s)",
                "");
  }
  if (!origin->error.empty()) {
    out.certain("upstream", "TiDB of " + out.from() + " cannot be asked: " + origin->error,
                "bdrmesh doctor");
  }
}

void say_paused(Explanation& out) {
  const ExplainInputs& in = out.in;
  out.certain(
      "configuration",
      "the changefeed is paused" +
          std::string(in.movement ? " since " + to_rfc3339(in.movement->state_since) : "") +
          (in.feed->error ? "; somebody paused it, or an operation that could not let it go on"
                          : "; TiCDC tells no error, so somebody paused it (a classic TiCDC hides "
                            "the error of a paused feed)"),
      "bdrmesh link resume " + out.words());
}

void say_feed(Explanation& out) {
  const ExplainInputs& in = out.in;
  if (in.origin != nullptr && in.origin->feeds && !in.feed) {
    out.certain("configuration", "TiCDC of " + out.from() + " has no changefeed for this link",
                "bdrmesh group plan " + in.group.value() +
                    "; if there was one: bdrmesh link repair " + out.words());
    return;
  }
  if (!in.feed) return;
  const bool at_rest = in.feed->state == "stopped" || in.feed->state == "finished";
  if (in.feed->error) {
    const ErrorMeaning meaning = meaning_of(*in.feed->error);
    const std::string words = (in.feed->error->code.empty() ? "" : in.feed->error->code + ": ") +
                              meaning.meaning + ". TiCDC's words: " + in.feed->error->message;
    // The new architecture keeps the error of a feed that was paused in spite of it (measured §3
    // 13).
    if (at_rest) {
      out.perhaps(meaning.area, "before it came to rest it had met " + words, meaning.remedy);
    } else {
      out.certain(meaning.area, words, meaning.remedy);
    }
  }
  if (in.feed->error && !at_rest) return;
  if (in.feed->state == "failed") {
    out.certain("unknown", "the changefeed failed, and TiCDC does not say why",
                "bdrmesh link resume " + out.words());
  } else if (in.feed->state == "stopped") {
    say_paused(out);
  } else if (in.feed->state == "finished") {
    out.certain("configuration", "the changefeed has reached a target timestamp that somebody set",
                "bdrmesh link repair " + out.words() + " --replace");
  }
}

void say_target(Explanation& out) {
  const ClusterSeen* target = out.in.target;
  if (target == nullptr) return;
  if (!target->error.empty()) {
    out.certain("sink", "TiDB of " + out.to() + " cannot be asked: " + target->error,
                "bdrmesh doctor; TiCDC goes on by itself when a tidb-server answers");
  }
  for (const ServerGate& server : target->gate.servers) {
    if (server.error.empty()) continue;
    out.perhaps("network",
                "tidb-server " + server.server.value() + " of " + out.to() +
                    " does not answer: " + server.error,
                "if the sink's address leads there, bring it back");
  }
  if (const std::string gate = target->gate_state(); gate == "closed" || gate == "closing") {
    out.perhaps("sink",
                "the gate of " + out.to() + " is " + gate +
                    "; the sink user must be exempt, or every write fails with 1836",
                "bdrmesh gate list; bdrmesh doctor checks the exemption");
  }
}

void say_look(Explanation& out) {
  if (!out.in.look) return;
  const TargetLook& look = *out.in.look;
  if (!look.error.empty()) {
    out.perhaps("sink", out.to() + " could not be asked for DDL and locks: " + look.error, "");
    return;
  }
  for (const DdlJob& job : look.running) {
    out.perhaps("ddl",
                "DDL job " + std::to_string(job.id) + " (" + job.type + " on " + job.schema + "." +
                    job.table + ") is " + job.state + " on " + out.to() +
                    (job.schema_state.empty() ? "" : " in state " + job.schema_state) +
                    ": rows of that table wait for it, and a DDL of the feed holds the whole link",
                "ADMIN SHOW DDL JOBS on " + out.to() +
                    "; a job that waits for a transaction shows it "
                    "in mysql.tidb_mdl_view");
  }
  for (const OpenTransaction& row : look.of_sink) {
    if (row.state != "LockWaiting" && row.state != "Committing") continue;
    out.certain("lock",
                "the sink's session " + std::to_string(row.session_id) + " on " + out.to() +
                    " is " + row.state + " since " + row.started +
                    ": somebody holds a row that it writes",
                "SELECT * FROM information_schema.data_lock_waits on " + out.to());
  }
}

void say_heartbeat(Explanation& out) {
  const ExplainInputs& in = out.in;
  if (in.beat.lost_since) {
    out.certain("sink",
                "since " + to_rfc3339(*in.beat.lost_since) +
                    " a marker that the checkpoint has "
                    "passed is not on " +
                    out.to() +
                    ": the sink writes into another cluster, or drops "
                    "rows",
                "bdrmesh group plan " + in.group.value() + " compares sink and tables");
  }
  if (!in.silent.empty()) {
    out.perhaps("heartbeat", "no heartbeat goes out from " + out.from() + ": " + in.silent, "");
  }
}

void say_budget(Explanation& out) {
  if (!out.in.gc || out.in.gc->level == "ample") return;
  const GcBudget& gc = *out.in.gc;
  if (gc.held_since) {
    out.certain("history",
                "it is " + in_words(gc.used) + " behind, longer than gc-ttl: " + gc.basis,
                "raise gc-ttl on all TiCDC nodes of " + out.from() +
                    " above that and restart them before it is resumed");
    return;
  }
  out.certain("history",
              "it is " + in_words(gc.used) + " behind" +
                  (gc.dies_at ? "; what it needs may be gone at " + to_rfc3339(*gc.dies_at) : "") +
                  " (" + gc.basis + ")",
              "SET GLOBAL tidb_gc_enable = OFF on " + out.from() +
                  " keeps the history, if it is done before TiCDC is the one that holds it");
}

void say_nothing_found(Explanation& out) {
  const ExplainInputs& in = out.in;
  const bool any = std::ranges::any_of(out.causes, [](const Cause& one) { return one.certain; });
  if (any) return;
  if (in.verdict.word == "stuck") {
    out.perhaps(
        "unknown",
        "TiCDC tells no error yet: a dead or refusing target shows as one after 2.5 minutes "
        "only. Usual causes: the target does not answer at the sink's address, the sink user "
        "lacks a right, a table or column is missing on " +
            out.to(),
        "bdrmesh doctor --group " + in.group.value());
  } else if (in.verdict.word == "slow") {
    out.perhaps("sink",
                "it is " + (in.verdict.lag ? in_words(*in.verdict.lag) : std::string("far")) +
                    " behind" + (in.verdict.why.empty() ? "" : "; " + in.verdict.why),
                "a large transaction or too few workers: `params = { worker-count = \"32\" }` of "
                "[cluster.sink] of " +
                    out.to());
  } else if (in.verdict.word == "moving") {
    out.certain(
        "none",
        "the link moves" +
            (in.verdict.lag ? ", " + in_words(*in.verdict.lag) + " behind" : std::string()) +
            (in.beat.proven_at
                 ? "; a marker of " + to_rfc3339(*in.beat.proven_at) + " was seen to arrive"
                 : "; not proven by a marker since this daemon began"),
        "");
  }
}

}  // namespace

std::vector<Cause> explain_link(const ExplainInputs& inputs) {
  Explanation out{inputs, {}};
  say_origin(out);
  say_feed(out);
  if (is_fault(inputs.verdict)) {
    say_target(out);
    say_look(out);
  }
  say_heartbeat(out);
  say_budget(out);
  say_nothing_found(out);
  if (out.causes.empty()) {
    out.perhaps("unknown",
                inputs.verdict.why.empty() ? "nothing is known of it yet" : inputs.verdict.why, "");
  }
  std::ranges::stable_sort(out.causes,
                           [](const Cause& a, const Cause& b) { return a.certain && !b.certain; });
  return std::move(out.causes);
}

}  // namespace bdrmesh
