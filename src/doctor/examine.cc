#include "doctor/examine.h"

#include "doctor/checks.h"

namespace bdrmesh::doctor {
namespace {

template <class... Checks>
std::vector<Finding> run_in_order(CheckContext& ctx) {
  std::vector<Finding> all;
  const auto run = [&](const Check& check) {
    for (Finding& finding : check.run(ctx)) all.push_back(std::move(finding));
  };
  (run(Checks{}), ...);
  return all;
}

}  // namespace

std::vector<Finding> examine(const Desired& desired, const GroupSpec& group, World& world,
                             const Call& call, const Clock& clock) {
  CheckContext ctx{desired, group, world, call, clock, {}, {}, {}, nullptr};
  return run_in_order<Reachability, Versions, Identity, OwnPrivileges, SinkUsers, SourceIds, Roles,
                      ReadOnly, Tables, Settings, Tokens, Feeds, History, Schemas, ForeignKeys,
                      UniqueKeys, AutoIds, Ttl, GeneratedColumns, SameSettings, RedoStorage>(ctx);
}

std::vector<Finding> examine_schemas(const Desired& desired, const GroupSpec& group, World& world,
                                     const Call& call, const Clock& clock) {
  CheckContext ctx{desired, group, world, call, clock, {}, {}, {}, nullptr};
  ctx.with_tidb.insert(group.members.begin(), group.members.end());
  return run_in_order<Schemas>(ctx);
}

}  // namespace bdrmesh::doctor
