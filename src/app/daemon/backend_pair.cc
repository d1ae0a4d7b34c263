// What the daemon tells of a pair of primary and secondary.
#include "app/daemon/backend.h"
#include "app/daemon/dr_view.h"

namespace bdrmesh {
namespace {

constexpr int kHeaders = 200;

/// A question of its own span; nothing when nobody answers.
template <class Ask>
auto asked(const Clock& clock, const Call& call, const Ask& ask)
    -> std::optional<decltype(ask(call))> {
  static constexpr Millis kPatience{3000};
  try {
    return ask(call.within(clock.mono(), kPatience));
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled || e.kind() == ErrorKind::bug) throw;
    return std::nullopt;
  }
}

std::vector<TokenRow> rows_of(const std::shared_ptr<const ClusterSeen>& one,
                              const std::shared_ptr<const ClusterSeen>& other) {
  std::vector<TokenRow> rows;
  for (const auto& seen : {one, other}) {
    if (seen && seen->token) rows.push_back(*seen->token);
  }
  return rows;
}

void look_at_reads(const flows::FlowPorts& ports, const Link& link, const Call& call,
                   views::PairInputs& inputs) {
  const ClusterName& secondary = link.to;
  ReadPoint& point = ports.world.read_point(secondary);
  inputs.external_ts =
      asked(ports.clock, call, [&](const Call& c) { return point.external_ts(c); });
  if (!inputs.external_ts) return;
  const auto pairs =
      asked(ports.clock, call, [&](const Call& c) { return point.newest_syncpoints(c); });
  for (const Syncpoint& one : pairs.value_or(std::vector<Syncpoint>{})) {
    const ChangefeedId id(one.changefeed.substr(one.changefeed.rfind('/') + 1));
    // What the feeds before this one wrote lies before the last change of roles.
    if (!inputs.link.feed || id != inputs.link.feed->id) continue;
    if (!inputs.syncpoint || inputs.syncpoint->primary < one.primary) inputs.syncpoint = one;
  }
  inputs.reads_past = asked(ports.clock, call, [&](const Call& c) {
    return point.reads_past(ports.desired.cluster(secondary).tidb.front(), c);
  });
}

}  // namespace

Json DaemonBackend::pair(const std::string& name) {
  views::PairInputs inputs;
  inputs.configured = parts_.desired.group(GroupName(name));
  if (inputs.configured.kind != GroupKind::primary_secondary) {
    throw Error(ErrorKind::precondition, "NOT_A_PAIR",
                "group " + name + " is multi-active: it has no primary and no secondary",
                "bdrmesh group status " + name);
  }
  inputs.group = parts_.watch.now(inputs.configured);
  inputs.now = parts_.clock.now();
  const Link link = inputs.group.links().front();
  inputs.primary = parts_.observer.latest(link.from);
  inputs.secondary = parts_.observer.latest(link.to);
  inputs.link = parts_.watch.link(inputs.group.name, link);
  inputs.note = newest_pair_note(inputs.group.name, rows_of(inputs.primary, inputs.secondary));
  inputs.findings = parts_.watch.findings(inputs.group.name);
  const Call call = ask_call();
  try {
    inputs.failover = flows::look_for_failover(parts_.flow_ports, inputs.group.name, {}, call);
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled || e.kind() == ErrorKind::bug) throw;
    inputs.failover_unknown = e.message();
  }
  look_at_reads(parts_.flow_ports, link, call, inputs);
  for (const OperationRecord& record : parts_.store.operation_headers(kHeaders)) {
    if (!record.kind.starts_with("dr.") || !is_final(record.state)) continue;
    if (record.kind != "dr.switchover" && record.kind != "dr.failover") continue;
    inputs.last_switchover = record;
    break;
  }
  return views::pair(inputs);
}

}  // namespace bdrmesh
