// Cases of what changes a mesh that runs: its tables, its passwords, a feed that failed.
#include <gmock/gmock.h>

#include "flows/every_kind/kind_cases.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::FeedState;
using ::testing::IsEmpty;

const TableName kInvoices{"billing", "invoices"};

/// Whoever may use schema app may use billing too.
void grant_billing(ClusterState& cluster) {
  const auto grant = [](std::vector<std::string>& lines) {
    const std::vector<std::string> before = lines;
    for (std::string line : before) {
      const std::size_t at = line.find("`app`");
      if (at != std::string::npos) lines.push_back(line.replace(at, 5, "`billing`"));
    }
  };
  grant(cluster.own_grants);
  for (auto& [user, lines] : cluster.grants) grant(lines);
}

Json with_new_tables(FlowBench& bench) {
  bench.bring_up();
  for (const std::string& name : bench.inner.clusters()) {
    bench.inner.with(name, [](ClusterState& cluster) {
      cluster.schemas.insert("billing");
      grant_billing(cluster);
      cluster.tables[kInvoices] = cluster.tables.at({"app", "orders"});
      cluster.tables[kInvoices].id = cluster.next_table_id++;
      cluster.rows[kInvoices]["1"] = "one";
    });
  }
  bench.desired.groups.front().tables = {"app.*", "billing.*"};
  return {{"add", {"billing.*"}}};
}

Json with_an_old_password(FlowBench& bench) {
  bench.bring_up();
  bench.inner.with("west", [](ClusterState& west) { west.accounts["cdc_east"].password = "old"; });
  return {{"cluster", "west"}};
}

Json with_a_feed_that_failed(FlowBench& bench) {
  bench.bring_up();
  bench.inner.with_feed("east", "orders-east-to-west-1",
                        [](FeedState& feed) { feed.detail.state = "failed"; });
  return {{"from", "east"}, {"to", "west"}, {"once", true}};
}

void every_feed_carries_both(const FlowBench& bench, const std::string& journal) {
  const Json rules{"app.*", "billing.*", "bdrmesh.*"};
  for (const std::string& name : bench.inner.clusters()) {
    bench.inner.look(name, [&](const ClusterState& cluster) {
      EXPECT_EQ(cluster.feeds.size(), 1U) << name << "\n" << journal;
      for (const auto& [id, feed] : cluster.feeds)
        EXPECT_EQ(feed.detail.config.at("filter").at("rules"), rules) << id << "\n" << journal;
      return 0;
    });
  }
  EXPECT_TRUE(bench.inner.all_gates_open()) << journal;
}

void password_is_new(const FlowBench& bench, const std::string& journal) {
  const std::string password = bench.inner.look(
      "west", [](const ClusterState& west) { return west.accounts.at("cdc_east").password; });
  EXPECT_EQ(password, "hidden") << journal;
}

void feed_runs(const FlowBench& bench, const std::string& journal) {
  const std::string state = bench.inner.look("east", [](const ClusterState& east) {
    return east.feeds.at("orders-east-to-west-1").detail.state;
  });
  EXPECT_EQ(state, "normal") << journal;
}

}  // namespace

std::vector<KindCase> mesh_kind_cases() {
  return {{"group.tables", "group.tables", with_new_tables, every_feed_carries_both},
          {"cluster.rotate_sink_password", "cluster.rotate_sink_password", with_an_old_password,
           password_is_new},
          {"link.resume",
           "link.resume once",
           with_a_feed_that_failed,
           feed_runs,
           {"east", "west"},
           true}};
}

}  // namespace bdrmesh::flows
