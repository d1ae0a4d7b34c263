#include "lab/site/lab.h"

#include <algorithm>
#include <future>
#include <unistd.h>

#include "base/error.h"
#include "lab/load/sql_link.h"
#include "lab/site/lab_node.h"
#include "lab/site/provision.h"
#include "lab/site/template_cache.h"

namespace bdrmesh::lab::site {

namespace {

/// By default the windows of TiCDC are short, so that trying things out is pleasant.
TicdcOptions ticdc_options(const LabOptions& lab) {
  TicdcOptions options;
  options.nodes = lab.ticdc_nodes;
  if (!lab.real_times) return options;
  options.pace = 1;
  // As measured: a commit lies below the checkpoint after 0.7 s.
  options.sample_every = Millis{400};
  options.owner.tick = Millis{100};
  return options;
}

/// Where the feeds stand, for RESTORE, which looks at them in PD.
std::vector<FeedPosition> feed_positions(const TicdcCluster& ticdc) {
  std::vector<FeedPosition> all;
  for (const ChangefeedView& feed : ticdc.feeds()) {
    all.push_back({.space = feed.info.space,
                   .id = feed.info.id,
                   .state = feed.info.state,
                   .position = std::max(feed.checkpoint, feed.info.start_ts)});
  }
  return all;
}

/// Waits for all, then throws what the first of them met.
void finish(std::vector<std::future<void>>& tasks) {
  std::exception_ptr first;
  for (std::future<void>& task : tasks) {
    try {
      task.get();
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace

Lab::Lab(TurnableClock& clock, LabOptions options, std::string id)
    : clock_(clock), options_(std::move(options)) {
  const std::vector<std::string> names = cluster_names(options_);
  const std::vector<std::string> profiles = cluster_profiles(options_, names);
  view_.id = std::move(id);
  view_.pid = ::getpid();
  view_.directory = std::filesystem::absolute(options_.directory);
  for (const std::string& name : names) {
    ClusterView cluster;
    cluster.name = name;
    cluster.profile = profiles[view_.clusters.size()];
    cluster.source_id = static_cast<int>(view_.clusters.size()) + 1;
    make_accounts(cluster, names, view_.directory / "secrets");
    view_.clusters.push_back(std::move(cluster));
  }
}

Lab::~Lab() { stop(); }

void Lab::start() {
  const std::filesystem::path template_data = template_for_this_machine(options_.scratch);
  for (const ClusterView& cluster : view_.clusters) {
    nodes_.push_back(std::make_unique<Node>(
        clock_, cluster, view_.directory / "clusters" / cluster.name, ticdc_options(options_)));
  }
  std::vector<std::future<void>> tasks;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    tasks.push_back(std::async(std::launch::async, [this, i, &template_data] {
      start_node(*nodes_[i], view_.clusters[i], template_data);
    }));
  }
  finish(tasks);
}

void Lab::start_node(Node& node, ClusterView& view, const std::filesystem::path& template_data) {
  node.cluster.start(template_data);
  node.ticdc.start();
  ClusterState& state = node.cluster.state();
  state.set_feed_positions([&ticdc = node.ticdc] { return feed_positions(ticdc); });
  for (std::size_t server = 0; server < ClusterState::kServers; ++server) {
    view.tidb.push_back(state.front_end(server).address);
    view.tidb_status.push_back(state.front_end(server).status_address);
    if (options_.sysvar_delay) state.variables.set_delay(server, options_.sysvar_delay);
  }
  view.pd = "http://" + state.pd_address();
  for (const std::string& address : node.ticdc.addresses()) {
    view.ticdc.push_back("http://" + address);
  }
  provision(node, view);
  if (!options_.any_sql) state.hold_to_catalogue(view.manager.name);
}

void Lab::provision(Node& node, const ClusterView& view) {
  const EngineEndpoint engine = node.cluster.state().engine();
  try {
    load::SqlLink link(view.tidb.front(), engine.admin_user, engine.admin_password);
    for (const std::string& statement : provisioning(view)) link.run(statement);
  } catch (const load::SqlFailure& e) {
    throw Error(ErrorKind::precondition, "LAB_CANNOT_START",
                "cluster '" + view.name + "' cannot be filled: " + e.what());
  }
}

void Lab::stop() {
  // Feeds first: they would meet dead targets and begin to retry.
  std::vector<std::future<void>> tasks;
  for (const auto& node : nodes_) {
    tasks.push_back(std::async(std::launch::async, [&node] { node->ticdc.stop(); }));
  }
  finish(tasks);
  tasks.clear();
  for (const auto& node : nodes_) {
    tasks.push_back(std::async(std::launch::async, [&node] { node->cluster.stop(); }));
  }
  finish(tasks);
  nodes_.clear();
}

Lab::Node& Lab::node(const std::string& cluster) const {
  const ClusterView& view = view_.cluster(cluster);
  return *nodes_.at(static_cast<std::size_t>(&view - view_.clusters.data()));
}

ClusterState& Lab::state(const std::string& cluster) { return node(cluster).cluster.state(); }

void Lab::run_sql(const std::string& cluster, const std::string& statement) {
  const ClusterView& view = view_.cluster(cluster);
  const bool first_is_up = state(cluster).front_end(0).alive;
  try {
    load::SqlLink(first_is_up ? view.tidb.front() : view.tidb.back(), view.administrator.name,
                  view.administrator.password)
        .run(statement);
  } catch (const load::SqlFailure& e) {
    throw Error(ErrorKind::transient, "LAB_SQL_FAILED",
                "cluster '" + cluster + "': error " + std::to_string(e.code()) + ", " + e.what());
  }
}

std::shared_ptr<FeedFaults> Lab::feed(const std::string& from, const std::string& to,
                                      std::string& id) {
  Node& source = node(from);
  const ClusterView& target = view_.cluster(to);
  for (const ChangefeedView& feed : source.ticdc.feeds()) {
    const bool hits = std::ranges::any_of(target.tidb, [&feed](const std::string& address) {
      return feed.info.sink_uri.find("@" + address) != std::string::npos;
    });
    if (!hits) continue;
    id = feed.info.id;
    return source.ticdc.feed(id);
  }
  throw Error(ErrorKind::invalid, "LAB_NO_SUCH_FEED",
              "no changefeed of '" + from + "' writes to '" + to + "'",
              "bdrmesh-lab status shows the changefeeds");
}

}  // namespace bdrmesh::lab::site
