#include "flows/dr/pair_bench.h"

#include "gate/standing_gate.h"
#include "mesh/feed_config.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {

using fakes::ClusterState;

RedoPositions FakeRedoTool::positions(const std::string&, const Call&) { return log; }

std::string FakeRedoTool::apply(const std::string&, const Secret& sink_uri,
                                const std::function<void(const std::string&)>& begun, const Call&) {
  begun("child " + std::to_string(times_applied + 1));
  uris.push_back(sink_uri.reveal());
  ++times_applied;
  if (fails-- > 0)
    throw Error(ErrorKind::transient, "REDO_APPLY_FAILED", "cdc redo apply: it was killed");
  return "Apply redo log successfully";
}

void make_pair(FlowBench& bench) {
  GroupSpec& group = bench.desired.groups.front();
  group.kind = GroupKind::primary_secondary;
  group.syncpoint_interval = Millis{600'000};
  FlowBench::Process process(bench, bench.next_epoch());
  for (const ClusterSpec& cluster : bench.desired.clusters) {
    bench.inner.tidb(cluster.name).make_token_schema({});
    bench.inner.tidb(cluster.name).make_marker_schema({});
    process.tokens.claim(cluster.name, {});
  }
  const Link link = group.links().front();
  const ChangefeedId feed = changefeed_id(group.name, link, 1);
  bench.inner.ticdc(link.from).create(
      {feed, Tso{}, bench.inner.sink_uri(link), wanted_replica_config(group, feed)}, {});
  bench.inner.with_feed(link.from.value(), feed.value(),
                        [](fakes::FeedState& state) { state.newborn_looks = 0; });
  const Tso start = bench.inner.ticdc(link.from).list({}).front().checkpoint;
  bench.book.put({group.name, link, 1, feed, start, start, std::nullopt, false});
  announce_standing(process.tokens, link.to, secondary_role(group.name), bench.clock.now(), "", {});
  process.gate.close(link.to, {});
  bench.inner.read_point(link.to).set_ttl_jobs(false, {});
  bench.inner.clear_diary();
}

PairBench::PairBench() : FlowBench({"north", "dr"}) {
  redo = &tool;
  make_pair(*this);
}

Json PairBench::standing_pair() const {
  Json all = standing();
  for (const std::string& name : inner.clusters()) {
    all[name]["variables"] =
        inner.look(name, [](const ClusterState& cluster) { return Json(cluster.variables); });
    all[name]["accounts"] = inner.look(name, [](const ClusterState& cluster) {
      Json accounts = Json::object();
      for (const auto& [user, account] : cluster.accounts)
        if (account.locked || user.starts_with("bdr_redo")) accounts[user] = account.locked;
      return accounts;
    });
    // Since when it stands closed may be told anew.
    for (Json& gate : all[name]["gates"]) {
      gate.erase("since");
      gate.erase("since_ms");
    }
  }
  return all;
}

bool PairBench::writable(const std::string& cluster) const {
  return inner.look(cluster, [](const ClusterState& state) { return !state.read_only; });
}

bool PairBench::stands_closed(const std::string& cluster) const {
  const std::string owner = standing_owner(secondary_role(desired.groups.front().name));
  return !writable(cluster) && inner.look(cluster, [&](const ClusterState& state) {
    return state.token && note_of(*state.token, owner).has_value() &&
           gate_notes(*state.token).size() == 1;
  });
}

void PairBench::lose_north() {
  for (const char* method :
       {"tidb.token", "tidb.servers", "tidb.super_read_only", "pd.cluster_id", "ticdc.list"}) {
    fakes::Fault lost;
    lost.cluster = "north";
    lost.method = method;
    lost.from_then_on = true;
    lost.effect = fakes::Effect::transient;
    world.arm(lost);
  }
}

std::vector<std::string> PairBench::feeds(const std::string& cluster) const {
  return inner.look(cluster, [](const ClusterState& state) {
    std::vector<std::string> names;
    for (const auto& [id, feed] : state.feeds) names.push_back(id + " " + feed.detail.state);
    return names;
  });
}

}  // namespace bdrmesh::flows
