#include "flows/dr/failover_plan.h"

#include <algorithm>

#include "flows/dr/failover_steps.h"
#include "flows/step_args.h"
#include "flows/stop/certificate_step.h"
#include "gate/standing_gate.h"
#include "mesh/feed_config.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {
namespace {

constexpr Millis kSilence{2000};

std::optional<TokenRow> token_if_it_answers(const FlowPorts& ports, const ClusterName& cluster,
                                            const Call& call) {
  try {
    return ports.world.tidb(cluster).token(call.within(ports.clock.mono(), kSilence));
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled) throw;
    return std::nullopt;
  }
}

const LinkIncarnation* newest_in(const std::vector<LinkIncarnation>& book, const Link& link) {
  const LinkIncarnation* newest = nullptr;
  for (const LinkIncarnation& one : book) {
    if (one.link == link && !one.removed && (newest == nullptr || one.number > newest->number))
      newest = &one;
  }
  return newest;
}

/// The newest pair of positions that this link's feed left on the secondary.
std::optional<Syncpoint> newest_syncpoint(const FlowPorts& ports, const GroupName& group,
                                          const Link& link, const Call& call) {
  std::optional<Syncpoint> newest;
  std::vector<Syncpoint> all;
  try {
    all = ports.world.read_point(link.to).newest_syncpoints(call);
  } catch (const Error& e) {
    // They only help where the state is lost; not everybody may read them.
    if (e.kind() != ErrorKind::precondition) throw;
  }
  for (Syncpoint one : all) {
    const std::size_t slash = one.changefeed.rfind('/');
    if (slash != std::string::npos) one.changefeed.erase(0, slash + 1);
    if (incarnation_of(ChangefeedId(one.changefeed), group, link) == 0) continue;
    if (!newest || newest->primary < one.primary) newest = one;
  }
  return newest;
}

void look_at_redo(const FlowPorts& ports, const FailoverOptions& options, const Call& call,
                  FailoverView& view) {
  const bool possible = view.group.redo && !options.without_redo && ports.redo != nullptr &&
                        !view.changefeed.value().empty();
  Tso position = view.proven;
  if (possible) {
    view.redo = redo_prefix(*view.group.redo, view.changefeed);
    if (ports.redo->fault().empty()) position = ports.redo->positions(view.redo, call).resolved;
  }
  view.loss = loss_of(position, possible, ports.clock.now());
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

void refuse_wrong(const Desired& desired, const FailoverView& view,
                  const FailoverOptions& options) {
  const ClusterName& old = view.group.members.front();
  const std::string& group = view.group.name.value();
  if (options.primary != old.value()) {
    throw Error(
        ErrorKind::precondition, "NOT_CONFIRMED",
        "'" + options.primary + "' is not the primary of " + group + ": that is " + old.value(),
        "type the name of the lost cluster: --primary " + old.value());
  }
  if (!view.signs.empty() && options.fenced_because.empty()) {
    throw Error(
        ErrorKind::precondition, "PRIMARY_ANSWERS",
        old.value() + " is not gone: " + joined(view.signs) +
            " answered just now; a failover now: " + view.loss.at("text").get<std::string>(),
        "bdrmesh dr switchover " + group +
            " loses nothing; if applications cannot reach it: "
            "--primary-is-fenced-because \"how it is kept from writing\"");
  }
  const std::string role = standing_owner(secondary_role(view.group.name));
  if (!view.token || !note_of(*view.token, role)) {
    throw Error(ErrorKind::precondition, "NOT_SECONDARY",
                "the gate of " + view.group.members.back().value() +
                    " does not stand closed for group " + group +
                    ": it is no secondary, or somebody opened it",
                "bdrmesh dr status " + group);
  }
  if (!view.redo.empty() && !view.may_not_grant.empty()) {
    const ClusterName& next = view.group.members.back();
    throw Error(ErrorKind::precondition, "MAY_NOT_GRANT",
                "our user " + desired.cluster(next).user +
                    " may not make the user that writes the redo log on " + next.value() +
                    ": it lacks, or may not hand on, " + view.may_not_grant,
                "there, as an administrator: " + grants_for_redo_user(desired.cluster(next).user) +
                    " --without-redo loses what only the log has");
  }
  if (view.group.redo && view.redo.empty() && !options.without_redo) {
    throw Error(ErrorKind::precondition, "REDO_UNKNOWN",
                "the group has a redo log, but it cannot be read: no [manager] cdc is configured, "
                "or nobody knows which changefeed wrote it",
                "give [manager] cdc; --changefeed ID names the feed; or --without-redo loses what "
                "only the log has");
  }
}

}  // namespace

FailoverView look_for_failover(const FlowPorts& ports, const GroupName& name,
                               const FailoverOptions& options, const Call& call) {
  FailoverView view;
  view.group = ports.desired.group(name);
  if (view.group.kind != GroupKind::primary_secondary) {
    throw Error(ErrorKind::precondition, "NOT_A_PAIR",
                "group " + name.value() + " is multi-active: the others go on by themselves",
                "bdrmesh cluster evict NAME");
  }
  std::map<ClusterName, std::optional<TokenRow>> rows;
  std::vector<TokenRow> known;
  for (const ClusterName& member : view.group.members) {
    rows[member] = token_if_it_answers(ports, member, call);
    if (rows[member]) known.push_back(*rows[member]);
  }
  view.group = as_it_stands(std::move(view.group), known);
  const Link link = view.group.links().front();
  view.token = rows[link.to] ? rows[link.to] : ports.world.tidb(link.to).token(call);
  view.signs = signs_of_life(ports, link.from, kSilence, call);
  const std::vector<LinkIncarnation> book = ports.links.incarnations(name);
  const LinkIncarnation* feed = newest_in(book, link);
  const auto point = newest_syncpoint(ports, name, link, call);
  if (feed != nullptr) {
    view.changefeed = feed->changefeed;
    view.proven = feed->proven;
  }
  if (point) {
    if (feed == nullptr) view.changefeed = ChangefeedId(point->changefeed);
    view.proven = std::max(view.proven, point->primary);
  }
  if (!options.changefeed.empty()) view.changefeed = ChangefeedId(options.changefeed);
  look_at_redo(ports, options, call, view);
  if (!view.redo.empty())
    view.may_not_grant = missing_for_redo_user(ports.world.tidb(link.to).own_grants(call));
  return view;
}

Plan plan_failover(const Desired& desired, const FailoverView& view,
                   const FailoverOptions& options) {
  refuse_wrong(desired, view, options);
  const ClusterName& lost = view.group.members.front();
  const ClusterName& next = view.group.members.back();
  const std::string& group = view.group.name.value();
  const std::string role = secondary_role(view.group.name);
  const auto note = view.token ? pair_note(*view.token, view.group.name) : std::nullopt;
  const Json secondary{{"role", role}, {"group", group}};

  PlanBuilder plan("dr.failover", "make " + next.value() + " the primary of " + group + "; " +
                                      lost.value() + " is given up");
  plan.subject({{"group", group},
                {"primary", lost.value()},
                {"new_primary", next.value()},
                {"loss", view.loss},
                {"fenced_because", options.fenced_because},
                {"reason", "failover of " + group + " to " + next.value()}});
  plan.lock("group:" + group).lock("cluster:" + next.value());
  plan.stage("claim").step(on_cluster("claim_token", next));
  PlannedStep gone;
  gone.type = "require_gone";
  gone.args = {{"cluster", lost.value()}, {"group", group}, {"because", options.fenced_because}};
  plan.stage("the primary is gone").step(gone);
  plan.stage("secondary stands closed").step(on_cluster("look_at_secondary", next, secondary));
  plan.stage("shut the old feed out")
      .step(on_cluster(
          "shut_out_user", next,
          {{"user", desired.cluster(next).sink.user_for(lost)}, {"from", lost.value()}}));
  Json loss{{"proven", to_string(view.proven)}};
  if (!view.redo.empty()) loss["storage"] = view.redo;
  plan.stage("state the loss").step(on_cluster("state_loss", next, loss));
  if (!view.redo.empty()) {
    PlannedStep apply = on_cluster("apply_redo", next, {{"storage", view.redo}});
    apply.lane = LaneKind::slow;
    apply.skip_means = "the rows that only the redo log has are lost";
    plan.stage("write the redo log").step(std::move(apply));
  }
  plan.stage("read now").step(on_cluster("set_reads", next, {{"past", false}}));
  plan.stage("look again").step(gone).step(on_cluster("look_at_secondary", next, secondary));
  plan.point_of_no_return(next.value() + " takes writes");
  PlannedStep open = on_cluster("open_new_primary", next,
                                {{"role", role},
                                 {"group", group},
                                 {"primary", next.value()},
                                 {"primary_before", lost.value()},
                                 {"how", "failover"},
                                 {"term", note ? note->term + 1 : 1}});
  open.lane = LaneKind::gate;
  open.undo_lane = LaneKind::gate;
  plan.stage("open " + next.value()).step(std::move(open));
  plan.stage("TTL on")
      .step(on_cluster("set_ttl_jobs", next, {{"on", true}}))
      .step(on_cluster("name_ttl_off", next));
  plan.stage("readers of the past")
      .step(on_cluster("name_past_readers", next, {{"kill", options.kill}}));
  plan.stage("certificate")
      .step(issue_certificate({{"kind", "dr.failover"},
                               {"group", group},
                               {"primary", next.value()},
                               {"lost", lost.value()}},
                              {"loss", "redo", "redo_applied"}));
  return plan.build();
}

}  // namespace bdrmesh::flows
