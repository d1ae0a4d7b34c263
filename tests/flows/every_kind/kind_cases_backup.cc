// The kinds that fill clusters from a backup.
#include <gmock/gmock.h>

#include "flows/backup_worlds.h"
#include "flows/every_kind/kind_cases.h"

namespace bdrmesh::flows {
namespace {

void holds_the_row(const FlowBench& bench, const std::string& journal) {
  for (const std::string& name : bench.inner.clusters())
    EXPECT_EQ(row_of(bench, name), "of east") << name << "\n" << journal;
  expect_gc_as_it_was(bench, journal);
}

Json start(FlowBench& bench) {
  one_full_others_empty(bench);
  return {{"from_backup_of", "east"}};
}

Json join(FlowBench& bench) {
  newcomer_beside_a_mesh(bench);
  return {{"cluster", "south"}};
}

Json bootstrap(FlowBench& bench) {
  primary_and_empty_secondary(bench);
  return Json::object();
}

}  // namespace

std::vector<KindCase> backup_kind_cases() {
  return {{"group.apply", "group.apply from a backup", start, holds_the_row},
          {"cluster.join", "cluster.join", join, holds_the_row, {"east", "west", "south"}},
          {"dr.bootstrap", "dr.bootstrap", bootstrap, holds_the_row}};
}

}  // namespace bdrmesh::flows
