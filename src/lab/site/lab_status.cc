// Lab: what `status` tells of every part.
#include "lab/site/lab.h"
#include "lab/site/lab_node.h"
#include "model/tso.h"

namespace bdrmesh::lab::site {
namespace {

Json server_status(const ClusterState& state, std::size_t server) {
  const FrontEndView seen = state.front_end(server);
  const auto gate = state.variables.get(server, "tidb_super_read_only");
  const bool closed = gate == "ON" || gate == "1";
  return {{"number", server + 1},
          {"address", seen.address},
          {"state", !seen.alive      ? "dead"
                    : seen.suspended ? "suspended"
                                     : "up"},
          {"gate", closed ? "closed" : "open"}};
}

Json feed_status(TicdcCluster& ticdc, const ChangefeedView& feed, std::uint64_t now) {
  return {{"id", feed.info.id},
          {"state", feed.info.state},
          {"checkpoint", feed.checkpoint},
          {"lag_ms", lag_between(Tso(feed.checkpoint), Tso(now)).count()},
          {"frozen", ticdc.feed(feed.info.id)->frozen()}};
}

Json ticdc_status(const TicdcCluster& ticdc, const ClusterView& view) {
  Json nodes = Json::array();
  for (std::size_t node = 0; node < ticdc.size(); ++node) {
    nodes.push_back({{"number", node + 1},
                     {"address", view.ticdc.at(node)},
                     {"state", ticdc.serves(node)       ? "up"
                               : ticdc.is_running(node) ? "not serving"
                                                        : "dead"},
                     {"owner", ticdc.owner_node() == node}});
  }
  return nodes;
}

Json running_ddl(const ClusterState& state) {
  Json all = Json::array();
  for (const DdlJob& job : state.jobs.list()) {
    if (is_final(job.state)) continue;
    all.push_back({{"id", job.id}, {"state", to_string(job.state)}, {"query", job.query}});
  }
  return all;
}

}  // namespace

Json Lab::status() const {
  Json clusters = Json::array();
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    clusters.push_back(status_of(*nodes_[i], view_.clusters[i]));
  return {
      {"id", view_.id}, {"directory", view_.directory.string()}, {"clusters", std::move(clusters)}};
}

Json Lab::status_of(Node& node, const ClusterView& view) {
  ClusterState& state = node.cluster.state();
  Json servers = Json::array();
  for (std::size_t server = 0; server < ClusterState::kServers; ++server) {
    servers.push_back(server_status(state, server));
  }
  Json feeds = Json::array();
  const std::uint64_t now = state.oracle.next();
  for (const ChangefeedView& feed : node.ticdc.feeds()) {
    feeds.push_back(feed_status(node.ticdc, feed, now));
  }
  return {{"name", view.name},
          {"profile", view.profile},
          {"source_id", state.source_id()},
          {"role", state.bdr_role()},
          {"tidb", std::move(servers)},
          {"ticdc", ticdc_status(node.ticdc, view)},
          {"pd", {{"address", view.pd}, {"state", node.cluster.pd().state()}}},
          {"mariadb",
           {{"address", "127.0.0.1:" + std::to_string(state.engine().port)},
            {"state", node.cluster.engine().state()}}},
          {"ddl", running_ddl(state)},
          {"feeds", std::move(feeds)}};
}

}  // namespace bdrmesh::lab::site
