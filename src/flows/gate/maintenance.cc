#include "flows/gate/maintenance.h"

#include <algorithm>
#include <set>

namespace bdrmesh::flows {
namespace {

constexpr const char* kNote = "maintenance";

Json to_json(const MaintenanceNote& note) {
  return {{"operation", note.operation}, {"reason", note.reason},
          {"until", note.until},         {"until_ms", note.until_ms},
          {"end_asked", note.end_asked}, {"undo", "bdrmesh maintenance end"}};
}

/// Members of the groups that have a role now, the primary last: at no moment two clusters send
/// DDL.
std::vector<ClusterName> with_role(const std::vector<GroupSnapshot>& groups, BdrRole role) {
  std::vector<ClusterName> names;
  for (const GroupSnapshot& group : groups) {
    for (const ClusterSnapshot& one : group.clusters) {
      const bool known = std::ranges::find(names, one.name) != names.end();
      if (one.role == role && !known) names.push_back(one.name);
    }
  }
  return names;
}

void each(PlanBuilder& plan, const std::string& stage, const std::string& type,
          const std::vector<ClusterName>& clusters, const Json& args = Json::object()) {
  if (clusters.empty()) return;
  plan.stage(stage);
  for (const ClusterName& name : clusters) plan.step(on_cluster(type, name, args));
}

Error no_maintenance(const ClusterName& cluster) {
  return {ErrorKind::precondition, "NO_MAINTENANCE",
          "no maintenance is noted on " + cluster.value(), "bdrmesh op list"};
}

}  // namespace

std::optional<MaintenanceNote> maintenance_note(const TokenRow& row) {
  const Json json = get_or<Json>(row.remembered, kNote, Json());
  if (!json.is_object()) return std::nullopt;
  MaintenanceNote note;
  note.operation = get_or<std::string>(json, "operation", "");
  note.reason = get_or<std::string>(json, "reason", "");
  note.until = get_or<std::string>(json, "until", "");
  note.until_ms = get_or<std::int64_t>(json, "until_ms", 0);
  note.end_asked = get_or(json, "end_asked", false);
  return note;
}

Plan plan_maintenance(const ClusterName& cluster, const std::vector<GroupSnapshot>& groups,
                      const MaintenanceOptions& options) {
  PlanBuilder plan("maintenance.start", "maintenance of " + cluster.value());
  plan.subject({{"cluster", cluster.value()},
                {"reason", options.reason},
                {"for_ms", options.span.count()},
                {"upgrade", options.upgrade}});
  std::vector<ClusterName> primaries;
  std::vector<ClusterName> secondaries;
  if (options.upgrade) {
    primaries = with_role(groups, BdrRole::primary);
    secondaries = with_role(groups, BdrRole::secondary);
  }
  std::vector<ClusterName> touched{cluster};
  for (const auto* names : {&primaries, &secondaries}) {
    for (const ClusterName& name : *names) {
      if (std::ranges::find(touched, name) == touched.end()) touched.push_back(name);
    }
  }
  for (const ClusterName& name : touched) plan.lock("cluster:" + name.value());

  each(plan, "claim", "claim_token", touched);
  each(plan, "note", "note_maintenance", {cluster}, {{"for_ms", options.span.count()}});
  const Json no_role{{"role", ""}};
  each(plan, "roles off: PRIMARY", "set_role", primaries, no_role);
  each(plan, "roles off: SECONDARY", "set_role", secondaries, no_role);
  each(plan, "hold", "hold_maintenance", {cluster});
  each(plan, "look", "see_what_is_back", {cluster});
  each(plan, "roles on: SECONDARY", "restore_role", secondaries);
  each(plan, "roles on: PRIMARY", "restore_role", primaries);
  each(plan, "end", "end_maintenance", {cluster});
  return plan.build();
}

Plan plan_end_maintenance(const ClusterName& cluster, const std::string& operation) {
  PlanBuilder plan("maintenance.end", "end the maintenance of " + cluster.value());
  plan.subject({{"cluster", cluster.value()}, {"operation", operation}});
  plan.stage("say so").step(
      on_cluster("ask_to_end_maintenance", cluster, {{"operation", operation}}));
  return plan.build();
}

Verdict NoteMaintenance::precondition(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  const auto note = row ? maintenance_note(*row) : std::nullopt;
  if (!note || note->operation == ctx.operation()) return holds();
  return refused(
      "IN_MAINTENANCE",
      cluster().value() + " is in maintenance already, until " + note->until + ": " + note->reason,
      "bdrmesh maintenance end " + cluster().value());
}

Verdict NoteMaintenance::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  const auto note = row ? maintenance_note(*row) : std::nullopt;
  if (note && note->operation == ctx.operation() && ctx.fact(kNote, scope())) return holds();
  return not_yet("our note on the token row of " + cluster().value());
}

void NoteMaintenance::execute(StepContext& ctx) {
  if (!ctx.fact(kNote, scope())) {
    const WallTime until = ctx.now() + Millis{get_required<std::int64_t>(args_, "for_ms")};
    ctx.set_fact({kNote,
                  scope(),
                  FactLife::durable,
                  {{"until_ms", to_millis(until)}, {"until", to_rfc3339(until)}}});
    ctx.checkpoint();
  }
  const Json until = require_fact(ctx, kNote, scope());
  MaintenanceNote note;
  note.operation = ctx.operation();
  note.reason = get_or<std::string>(ctx.subject(), "reason", "");
  note.until = get_required<std::string>(until, "until");
  note.until_ms = get_required<std::int64_t>(until, "until_ms");
  ports_.tokens.edit(
      cluster(), [&](TokenRow& row) { row.remembered[kNote] = to_json(note); }, ctx.call());
}

void NoteMaintenance::compensate(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  const auto note = row ? maintenance_note(*row) : std::nullopt;
  if (!note || note->operation != ctx.operation()) return;
  ports_.tokens.edit(
      cluster(), [](TokenRow& edited) { edited.remembered.erase(kNote); }, ctx.call());
}

Verdict HoldMaintenance::verify(StepContext& ctx) {
  const Json fact = require_fact(ctx, kNote, scope());
  const WallTime until = from_millis(get_required<std::int64_t>(fact, "until_ms"));
  const Millis span{get_required<std::int64_t>(ctx.subject(), "for_ms")};
  if (end_asked_ || time_.left(ports_.clock, until, span) == Millis{0}) return holds();
  const MonoTime now = ports_.clock.mono();
  if (now >= next_look_) {
    next_look_ = now + Millis{2000};
    try {
      const std::optional<TokenRow> row = tidb().token(ctx.call().within(now, Millis{5000}));
      const auto note = row ? maintenance_note(*row) : std::nullopt;
      end_asked_ = note && note->operation == ctx.operation() && note->end_asked;
    } catch (const Error& e) {
      // Worked on: that it does not answer is what maintenance is for.
      if (e.kind() != ErrorKind::transient && e.kind() != ErrorKind::ambiguous) throw;
    }
    if (end_asked_) return holds();
  }
  watch_links(ctx);
  return not_yet("the end of the maintenance, at " + to_rfc3339(until) +
                 " or with: bdrmesh maintenance end " + cluster().value());
}

void HoldMaintenance::watch_links(StepContext& ctx) {
  static constexpr Millis kBetween{30'000};
  const MonoTime now = ports_.clock.mono();
  if (now < next_watch_) return;
  next_watch_ = now + kBetween;
  for (const GroupSpec& group : ports_.desired.groups) {
    for (const Link& link : group.links()) {
      if (link.from != cluster() && link.to != cluster()) continue;
      try {
        const auto sheet =
            ports_.feeds.look(link.from, now - kBetween, ctx.call().within(now, Millis{5000}));
        for (const auto& [id, feed] : sheet->feeds) {
          if (incarnation_of(id, group.name, link) > 0) judge(ctx, link, feed);
        }
      } catch (const Error& e) {
        if (e.kind() == ErrorKind::cancelled) throw;
        // The TiCDC that is worked on: its feeds stand still and are told of when it is back.
      }
    }
  }
}

Millis HoldMaintenance::budget_of(const ClusterName& origin, const Call& call) {
  // The default (ticdc-api §2.2); old versions do not tell.
  static constexpr Millis kDefault{24LL * 3600 * 1000};
  const auto known = budgets_.find(origin);
  if (known != budgets_.end()) return known->second;
  const auto told = ports_.world.ticdc(origin).traits(call).gc_ttl;
  return budgets_[origin] = told.value_or(kDefault);
}

void HoldMaintenance::judge(StepContext& ctx, const Link& link, const FeedSummary& feed) {
  if (!feed.checkpoint.is_set()) return;
  const Millis budget = budget_of(link.from, ctx.call().within(ports_.clock.mono(), Millis{5000}));
  const Millis behind = ctx.now() - feed.checkpoint.time();
  const auto used = static_cast<int>(behind * 100 / budget);
  const int level = used >= 75 ? 3 : used >= 50 ? 2 : used >= 25 ? 1 : 0;
  int& told = told_[to_string(link)];
  if (level <= told) return;
  told = level;
  const auto minutes_left = std::max<std::int64_t>(0, (budget - behind).count() / 60'000);
  ctx.event(level == 1 ? "warning" : "alarm",
            "link " + to_string(link) + " stands " + std::to_string(behind.count() / 60'000) +
                " min behind: with its TiCDC's gc-ttl it can no longer be resumed in " +
                std::to_string(minutes_left) + " min");
}

Verdict SeeWhatIsBack::verify(StepContext& ctx) {
  if (ctx.fact("looked", scope())) return holds();
  return not_yet("a look at " + cluster().value());
}

void SeeWhatIsBack::execute(StepContext& ctx) {
  std::vector<std::string> away;
  const Call call = ctx.call().within(ports_.clock.mono(), Millis{10'000});
  const auto attempt = [&](const std::string& what, const std::function<void()>& look) {
    try {
      look();
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled) throw;
      away.push_back(what + ": " + e.message());
    }
  };
  attempt("TiDB", [&] {
    for (const ServerGate& server : ports_.gate.look(cluster(), call).servers) {
      if (!server.error.empty())
        away.push_back("tidb-server " + server.server.value() + ": " + server.error);
    }
  });
  attempt("TiCDC", [&] {
    if (!ports_.world.ticdc(cluster()).healthy(call)) away.emplace_back("TiCDC is not healthy");
  });
  for (const GroupSpec& group : ports_.desired.groups) {
    for (const Link& link : group.links()) {
      if (link.from != cluster() && link.to != cluster()) continue;
      attempt("link " + to_string(link), [&] {
        const auto sheet = ports_.feeds.look(link.from, ports_.clock.mono(), call);
        for (const auto& [id, feed] : sheet->feeds) {
          if (incarnation_of(id, group.name, link) > 0 && feed.state != "normal")
            away.push_back("link " + to_string(link) + " is " + feed.state);
        }
      });
    }
  }
  for (const std::string& one : away)
    ctx.event("alarm", "maintenance of " + cluster().value() + " ends and is not back: " + one);
  if (away.empty()) ctx.event("info", cluster().value() + " is back with all its servers");
  ctx.set_fact({"looked", scope(), FactLife::durable, away});
}

Verdict EndMaintenance::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  const auto note = row ? maintenance_note(*row) : std::nullopt;
  if (!note || note->operation != ctx.operation()) return holds();
  return not_yet("our note to leave the token row of " + cluster().value());
}

void EndMaintenance::execute(StepContext& ctx) {
  ports_.tokens.edit(
      cluster(), [](TokenRow& row) { row.remembered.erase(kNote); }, ctx.call());
}

Verdict AskToEndMaintenance::precondition(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  const auto note = row ? maintenance_note(*row) : std::nullopt;
  if (note && note->operation == get_required<std::string>(args_, "operation")) return holds();
  const Error error = no_maintenance(cluster());
  return refused(error.code(), error.message(), error.remedy());
}

Verdict AskToEndMaintenance::verify(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  const auto note = row ? maintenance_note(*row) : std::nullopt;
  const bool over = !note || note->operation != get_required<std::string>(args_, "operation");
  if (over || note->end_asked) return holds();
  return not_yet("the note on " + cluster().value() + " to say that it is over");
}

void AskToEndMaintenance::execute(StepContext& ctx) {
  ports_.tokens.edit(
      cluster(),
      [&](TokenRow& row) {
        auto note = maintenance_note(row);
        if (!note || note->operation != get_required<std::string>(args_, "operation")) return;
        note->end_asked = true;
        row.remembered[kNote] = to_json(*note);
      },
      ctx.call());
}

}  // namespace bdrmesh::flows
