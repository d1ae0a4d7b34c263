#include "lab/app/lab.h"

#include <algorithm>
#include <future>
#include <unistd.h>

#include "base/error.h"
#include "lab/app/lab_node.h"
#include "lab/app/provision.h"
#include "lab/app/template_cache.h"
#include "lab/load/sql_link.h"

namespace bdrmesh::lab::app {

namespace {

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

Lab::Lab(const Clock& clock, LabOptions options, std::string id)
    : clock_(clock), options_(std::move(options)) {
  const std::vector<std::string> names = cluster_names(options_);
  view_.id = std::move(id);
  view_.pid = ::getpid();
  view_.directory = std::filesystem::absolute(options_.directory);
  for (const std::string& name : names) {
    ClusterView cluster;
    cluster.name = name;
    cluster.source_id = static_cast<int>(view_.clusters.size()) + 1;
    make_accounts(cluster, names, view_.directory / "secrets");
    view_.clusters.push_back(std::move(cluster));
  }
}

Lab::~Lab() { stop(); }

void Lab::start() {
  const std::filesystem::path template_data = template_for_this_machine(options_.scratch);
  for (const ClusterView& cluster : view_.clusters) {
    nodes_.push_back(
        std::make_unique<Node>(clock_, cluster, view_.directory / "clusters" / cluster.name));
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
  for (std::size_t server = 0; server < ClusterState::kServers; ++server) {
    view.tidb.push_back(state.front_end(server).address);
    view.tidb_status.push_back(state.front_end(server).status_address);
    if (options_.sysvar_delay) state.variables.set_delay(server, options_.sysvar_delay);
  }
  view.pd = "http://" + state.pd_address();
  view.ticdc = {"http://" + node.ticdc.address()};
  provision(node, view);
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
  try {
    load::SqlLink(view.tidb.front(), view.administrator.name, view.administrator.password)
        .run(statement);
  } catch (const load::SqlFailure& e) {
    throw Error(ErrorKind::transient, "LAB_SQL_FAILED",
                "cluster '" + cluster + "': error " + std::to_string(e.code()) + ", " + e.what());
  }
}

void Lab::lose_ticdc_answer(const std::string& cluster, const std::string& match) {
  node(cluster).ticdc.lose_answer_of_next(match);
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

void Lab::kill(const std::string& cluster, Part part) {
  Node& target = node(cluster);
  switch (part.kind) {
    case Part::Kind::tidb_server:
      return target.cluster.front_end(part.server).kill();
    case Part::Kind::ticdc:
      return target.ticdc.kill(false);
    case Part::Kind::mariadb:
      return target.cluster.engine().stop();
  }
}

void Lab::suspend(const std::string& cluster, Part part) {
  Node& target = node(cluster);
  switch (part.kind) {
    case Part::Kind::tidb_server:
      return target.cluster.front_end(part.server).suspend();
    case Part::Kind::ticdc:
      return target.ticdc.suspend();
    case Part::Kind::mariadb:
      return target.cluster.engine().suspend();
  }
}

void Lab::resume(const std::string& cluster, Part part) {
  Node& target = node(cluster);
  switch (part.kind) {
    case Part::Kind::tidb_server:
      return target.cluster.front_end(part.server).resume();
    case Part::Kind::ticdc:
      return target.ticdc.unsuspend();
    case Part::Kind::mariadb:
      return target.cluster.engine().resume();
  }
}

void Lab::restart(const std::string& cluster, Part part) {
  Node& target = node(cluster);
  switch (part.kind) {
    case Part::Kind::tidb_server:
      return target.cluster.front_end(part.server).start();
    case Part::Kind::ticdc:
      return target.ticdc.revive();
    case Part::Kind::mariadb:
      return target.cluster.engine().restart();
  }
}

}  // namespace bdrmesh::lab::app
