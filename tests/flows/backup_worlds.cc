#include "flows/backup_worlds.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;

const TableName kOrders{"app", "orders"};

void empty(FlowBench& bench, const std::string& name) {
  bench.inner.with(name, [](ClusterState& cluster) {
    cluster.tables.erase(kOrders);
    cluster.schemas.erase("app");
  });
}

void fill(FlowBench& bench, const std::string& name, const std::string& text) {
  bench.inner.with(name, [&](ClusterState& cluster) { cluster.rows[kOrders]["1"] = text; });
}

GroupSpec& group_with_storage(FlowBench& bench) {
  GroupSpec& group = bench.desired.groups.front();
  group.backup_storage = "s3://backup/orders";
  group.backup_rate_limit = "120MB/s";
  return group;
}

}  // namespace

void one_full_others_empty(FlowBench& bench) {
  group_with_storage(bench);
  for (const std::string& name : bench.inner.clusters()) empty(bench, name);
  bench.inner.with("east", [&](ClusterState& east) {
    east.schemas.insert("app");
    east.tables[kOrders].id = 77;
    east.tables[kOrders].columns = {{"id", "bigint NOT NULL"},
                                    {"note", "varchar(64) DEFAULT NULL"}};
    east.tables[kOrders].keys = {"PRIMARY KEY (`id`)"};
  });
  fill(bench, "east", "of east");
}

void newcomer_beside_a_mesh(FlowBench& bench) {
  GroupSpec& group = group_with_storage(bench);
  const std::vector<ClusterName> all = group.members;
  empty(bench, all.back().value());
  for (const ClusterName& name : all) {
    if (name != all.back()) fill(bench, name.value(), "of east");
  }
  group.members.pop_back();
  group.ddl_primary = ClusterName("east");
  FlowBench::OtherState earlier(bench);
  const fakes::EndOfRun end = bench.run(bench.group_apply());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  bench.desired.groups.front().members = all;
  bench.inner.clear_diary();
}

void primary_and_empty_secondary(FlowBench& bench) {
  one_full_others_empty(bench);
  GroupSpec& group = bench.desired.groups.front();
  group.kind = GroupKind::primary_secondary;
  group.redo = RedoSpec{"s3://redo/orders", 64, Millis{2000}};
  group.syncpoint_interval = Millis{600'000};
  group.syncpoint_retention = Millis{3'600'000};
}

std::string row_of(const FlowBench& bench, const std::string& cluster) {
  return bench.inner.look(cluster, [](const ClusterState& state) {
    const auto table = state.rows.find(kOrders);
    if (table == state.rows.end() || !table->second.contains("1")) return std::string();
    return table->second.at("1");
  });
}

std::optional<Json> fact_of(const FlowBench& bench, const fakes::EndOfRun& end,
                            const std::string& name, const std::string& scope) {
  std::optional<Json> found;
  for (const FactRecord& fact : bench.store->facts(end.operation)) {
    if (fact.name == name && fact.scope == scope) found = fact.value;
  }
  return found;
}

void expect_gc_as_it_was(const FlowBench& bench, const std::string& journal) {
  for (const std::string& name : bench.inner.clusters()) {
    const std::string life = bench.inner.look(name, [](const ClusterState& cluster) {
      return cluster.variables.at("tidb_gc_life_time");
    });
    EXPECT_EQ(life, "10m0s") << name << "\n" << journal;
    const Json remembered = bench.inner.look(name, [](const ClusterState& cluster) {
      return cluster.token ? get_or<Json>(cluster.token->remembered, "settings", Json()) : Json();
    });
    EXPECT_TRUE(remembered.is_null()) << name << remembered << "\n" << journal;
  }
}

void expect_no_probe_left(const FlowBench& bench, const std::string& journal) {
  for (const std::string& name : bench.inner.clusters()) {
    bench.inner.look(name, [&](const ClusterState& cluster) {
      for (const auto& [table, state] : cluster.tables)
        EXPECT_NE(table.schema, "bdrmesh_local") << name << ": " << to_string(table) << "\n"
                                                 << journal;
      return 0;
    });
  }
}

}  // namespace bdrmesh::flows
