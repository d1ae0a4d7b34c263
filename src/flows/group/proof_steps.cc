#include "flows/group/proof_steps.h"

#include <algorithm>

#include "base/random_id.h"
#include "flows/ddl/job_tables.h"
#include "flows/gate/gate_steps.h"
#include "flows/group/cluster_steps.h"
#include "flows/group/whole_link.h"

namespace bdrmesh::flows {
namespace {

/// States out of which a feed does not come by itself.
bool is_halted(const std::string& state) {
  return state == "stopped" || state == "failed" || state == "finished" || state == "removed";
}

Verdict halted(const Link& link, const FeedSummary& feed) {
  return refused("LINK_HALTED",
                 to_string(link) + ": changefeed " + feed.id.value() + " is " + feed.state +
                     (feed.error ? ": " + feed.error->code + " " + feed.error->message : ""),
                 "bdrmesh link list");
}

Tso furthest(const StepContext& ctx, const std::string& origin, const std::string& marker_fact) {
  Tso position = tso_of(require_fact(ctx, marker_fact, origin), "commit_ts");
  if (const auto fence = ctx.fact("fence", origin))
    position = std::max(position, tso_of(*fence, "tso"));
  return position;
}

/// Durable where a later stage opens the gates: what was proven behind closed ones stays true, and
/// must not be taken anew when they are open again.
FactLife life_of(const Json& args) {
  return get_or(args, "durable", false) ? FactLife::durable : FactLife::volatile_;
}

std::string seconds(Millis span) {
  const auto tenths = (span.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Verdict beyond(const Link& link, const std::optional<FeedSummary>& feed, Tso position) {
  const std::string name = to_string(link);
  if (!feed) return not_yet(name + ": the changefeed is not on its TiCDC's list");
  if (is_halted(feed->state)) return halted(link, *feed);
  if (feed->state != "normal") {
    return not_yet(name + ": the changefeed is " + feed->state +
                   (feed->error ? " (" + feed->error->code + ")" : ""));
  }
  if (feed->checkpoint > position) return holds();
  return not_yet(name + ": checkpoint " + to_string(feed->checkpoint) + " is " +
                 seconds(lag_between(feed->checkpoint, position)) + " before " +
                 to_string(position));
}

Verdict TakeFence::verify(StepContext& ctx) {
  return ctx.fact(fact_name(), scope()) ? holds() : not_yet("a TSO of " + cluster().value());
}

void TakeFence::execute(StepContext& ctx) {
  // Whoever was here before us, an older start of ours included, meets our epoch from now on
  // (design §2 rule 10).
  ports_.tokens.claim(cluster(), ctx.call());
  ctx.set_fact(
      {fact_name(), scope(), life_of(args_), tso_fact("tso", tidb().current_tso(ctx.call()))});
}

Verdict WriteMarker::verify(StepContext& ctx) {
  return ctx.fact(fact_name(), scope()) ? holds() : not_yet("a marker on " + cluster().value());
}

void WriteMarker::execute(StepContext& ctx) {
  const WrittenMarker marker =
      tidb().write_marker(ctx.operation(), cluster(), random_id(20), ctx.call());
  Json value = tso_fact("commit_ts", marker.commit_ts);
  value["nonce"] = marker.nonce;
  value["at"] = to_rfc3339(ctx.now());
  value["at_ms"] = to_millis(ctx.now());
  ctx.set_fact({fact_name(), scope(), life_of(args_), value});
}

Verdict DrainLink::precondition(StepContext& ctx) {
  for (const LinkIncarnation& one :
       ports_.links.incarnations(GroupName(get_required<std::string>(args_, "group")))) {
    if (one.changefeed == changefeed() && !one.removed) return holds();
  }
  (void)ctx;
  return refused(
      "LINK_UNPROVEN",
      "changefeed " + changefeed().value() +
          " is not in our book, so nothing says where it started",
      "bdrmesh verify run --level rows, once it is there; until then stop and restart the group");
}

Verdict DrainLink::verify(StepContext& ctx) {
  const std::string& origin = link().from.value();
  const Tso position = furthest(ctx, origin, "marker");
  const std::optional<FeedSummary> feed = look_at_feed(ctx.call());
  if (Verdict verdict = beyond(link(), feed, position); verdict.kind != Verdict::Kind::holds)
    return verdict;
  const Json marker = require_fact(ctx, "marker", origin);
  const auto seen =
      ports_.world.tidb(link().to).marker_nonce(ctx.operation(), link().from, ctx.call());
  if (seen != get_required<std::string>(marker, "nonce")) {
    return not_yet(to_string(link()) + ": the checkpoint has passed, but the marker is not on " +
                   link().to.value() + "; does the sink write to that cluster?");
  }
  Json value = tso_fact("checkpoint", feed->checkpoint);
  value["beyond"] = to_string(position);
  value["at"] = to_rfc3339(ctx.now());
  ctx.set_fact({"drained", scope(), life_of(args_), value});
  return holds();
}

void AwaitMarker::conclude(StepContext& ctx, bool proven, const std::string& why, Tso checkpoint) {
  const Json marker =
      require_fact(ctx, get_or<std::string>(args_, "fact", "marker"), link().from.value());
  const std::int64_t round_trip =
      to_millis(ctx.now()) - get_or<std::int64_t>(marker, "at_ms", to_millis(ctx.now()));
  Json value{{"proven", proven},
             {"why", why},
             {"round_trip_ms", round_trip},
             {"at", to_rfc3339(ctx.now())}};
  value["marker_commit_ts"] = marker.at("commit_ts");
  value["checkpoint"] = to_string(checkpoint);
  ctx.set_fact({"link_result", scope(), FactLife::volatile_, value});
  if (!proven) return;
  ports_.links.proven(GroupName(get_required<std::string>(args_, "group")), link(), changefeed(),
                      tso_of(marker, "commit_ts"), ctx.now());
}

bool AwaitMarker::has_arrived(StepContext& ctx, const std::string& nonce) const {
  const auto nonce_on = [&](const ClusterName& cluster) {
    return ports_.world.tidb(cluster).marker_nonce(ctx.operation(), link().from, ctx.call());
  };
  const std::optional<std::string> seen = nonce_on(link().to);
  if (seen == nonce) return true;
  // An earlier try whose answer was lost can take effect late and write over this one: if that is
  // the last that the origin knows, it was committed after ours, and has passed the link too.
  return seen && nonce_on(link().from) == seen;
}

std::string AwaitMarker::what_it_leaves_out(const Call& call) const {
  if (!get_or(args_, "whole", false)) return {};
  const GroupName group(get_required<std::string>(args_, "group"));
  const auto lack = lack_of(ports_, group, link(), changefeed(), call);
  return lack ? lack->code + ": " + lack->why + "; " + lack->remedy : std::string();
}

Verdict AwaitMarker::verify(StepContext& ctx) {
  const Json marker =
      require_fact(ctx, get_or<std::string>(args_, "fact", "marker"), link().from.value());
  const std::optional<FeedSummary> feed = look_at_feed(ctx.call());
  Verdict verdict = beyond(link(), feed, tso_of(marker, "commit_ts"));
  if (verdict.kind == Verdict::Kind::holds) {
    if (has_arrived(ctx, get_required<std::string>(marker, "nonce"))) {
      const std::string lack = what_it_leaves_out(ctx.call());
      conclude(ctx, lack.empty(), lack, feed->checkpoint);
      return holds();
    }
    verdict =
        not_yet(to_string(link()) + ": the checkpoint has passed the marker, but it is not on " +
                link().to.value());
  }
  const std::int64_t patience = get_or<std::int64_t>(args_, "patience_ms", 0);
  if (patience == 0) return verdict;
  const std::int64_t age = to_millis(ctx.now()) - get_or<std::int64_t>(marker, "at_ms", 0);
  if (verdict.kind == Verdict::Kind::not_yet && age < patience) return verdict;
  conclude(ctx, false, verdict.reason, feed ? feed->checkpoint : Tso{});
  return holds();
}

Verdict LookAgain::verify(StepContext& ctx) {
  for (Verdict (LookAgain::*look)(StepContext&) :
       {&LookAgain::token_and_gate, &LookAgain::role_and_queue, &LookAgain::outgoing_links}) {
    if (Verdict verdict = (this->*look)(ctx); verdict.kind != Verdict::Kind::holds) return verdict;
  }
  return holds();
}

Verdict LookAgain::token_and_gate(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (!note_of(row, ctx.operation())) {
    return refused("GATE_NOTE_GONE", "our note has left the token row of " + cluster().value(),
                   "find out who edits bdrmesh_local.owner");
  }
  const GateView view = ports_.gate.look(cluster(), ctx.call());
  for (const ServerGate& server : view.servers) {
    if (server.error.empty() && !server.closed) {
      return refused("GATE_OPENED_BY_OTHER",
                     "the gate of " + cluster().value() +
                         " was opened by somebody else: " + server.server.value() + " takes writes",
                     "find out who set tidb_super_read_only = OFF on " + cluster().value() +
                         ", then run the operation again");
    }
  }
  if (!view.closed_everywhere()) return not_yet("an answer of " + view.not_closed());
  const InTheWay writers = look_for_writers(
      ports_, cluster(), tables_from(get_or(args_, "tables", Json::array())), ctx.call());
  if (!writers.incomplete.empty()) return not_yet(writers.incomplete);
  if (!writers.transactions.empty()) {
    return refused("WRITER_AT_THE_LINE",
                   describe(writers.transactions.front()) + " appeared on " + cluster().value() +
                       " after the drain",
                   "find out why this session may write while the cluster is read-only");
  }
  return holds();
}

Verdict LookAgain::role_and_queue(StepContext& ctx) {
  const auto role = bdr_role_from(get_or<std::string>(args_, "role", ""));
  if (tidb().bdr_role(ctx.call()) != role) {
    return refused("ROLE_SET_BY_OTHER",
                   "the BDR role was changed on " + cluster().value() + " behind our back",
                   "find out who runs ADMIN SET BDR ROLE, then run the operation again");
  }
  const std::vector<TableName> tables = tables_from(get_or(args_, "tables", Json::array()));
  const Json before = require_fact(ctx, "jobs_before", scope());
  for (const DdlJob& job : tidb().ddl_jobs(ctx.call())) {
    if (!job.ended()) return not_yet(describe(job) + " on " + cluster().value() + " to end");
    const bool ours =
        std::ranges::any_of(tables, [&](const TableName& one) { return is_about(job, one); });
    if (ours && job.id > before.get<std::int64_t>()) {
      return refused(
          "FOREIGN_DDL",
          describe(job) + " was run on " + cluster().value() + " by somebody else meanwhile",
          "compare the schemas of the clusters, then run the operation again");
    }
  }
  return holds();
}

Verdict LookAgain::outgoing_links(StepContext& ctx) {
  const auto sheet = ports_.feeds.look(cluster(), ports_.clock.mono(), ctx.call());
  const Tso position = furthest(ctx, scope(), "marker");
  for (const Json& one : get_required<Json>(args_, "links")) {
    const Link link{cluster(), ClusterName(get_required<std::string>(one, "to"))};
    const auto feed = sheet->find(ChangefeedId(get_required<std::string>(one, "changefeed")));
    if (Verdict verdict = beyond(link, feed, position); verdict.kind != Verdict::Kind::holds)
      return verdict;
  }
  return holds();
}

Verdict RequireHealthyLink::precondition(StepContext& ctx) {
  const std::optional<FeedSummary> feed = look_at_feed(ctx.call());
  if (const bool gone = missing_for_long(feed); !feed) {
    if (!gone) return not_yet("changefeed " + changefeed().value() + " to be on its TiCDC's list");
    return refused("LINK_MISSING",
                   "TiCDC of " + link().from.value() + " has no changefeed " + changefeed().value(),
                   "bdrmesh group plan");
  }
  if (is_halted(feed->state)) return halted(link(), *feed);
  return holds();
}

Verdict RequireHealthyLink::verify(StepContext& ctx) {
  const std::optional<FeedSummary> feed = look_at_feed(ctx.call());
  if (feed && is_halted(feed->state)) return halted(link(), *feed);
  const Tso now = ports_.world.tidb(link().from).current_tso(ctx.call());
  const Millis limit{get_or<std::int64_t>(args_, "max_lag_ms", 10000)};
  return beyond(link(), feed, Tso::at(now.time() - limit));
}

}  // namespace bdrmesh::flows
