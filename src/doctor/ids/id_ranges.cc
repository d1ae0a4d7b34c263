#include "doctor/ids/id_ranges.h"

#include <algorithm>
#include <utility>

#include "doctor/checks.h"
#include "doctor/definitions.h"

namespace bdrmesh::doctor {
namespace {

constexpr double kWarn = 0.5;
constexpr double kError = 0.85;

std::string percent(double share) {
  const auto tenths = static_cast<int>(share * 1000);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string next_ids(const std::map<ClusterName, IdUse>& members) {
  std::string text;
  for (const auto& [name, use] : members)
    text += (text.empty() ? "" : ", ") + name.value() + " " + std::to_string(use.next);
  return text;
}

std::string cache_words(const IdUse& use) {
  if (use.cache == 1) return "one allocator for all tidb-servers of a cluster (AUTO_ID_CACHE 1)";
  return "each tidb-server takes " + std::to_string(use.cache == 0 ? 30000 : use.cache) +
         " at a time";
}

void tell_allocator(Findings& findings, const std::string& what,
                    const std::map<ClusterName, IdUse>& members) {
  const IdUse& first = members.begin()->second;
  if (first.kind == IdUse::Kind::sequence) {
    findings.ok("ID_ALLOCATOR", ClusterName(),
                what + ": " + in_words(first) + "; every member counts by itself");
    return;
  }
  double used = 0;
  for (const auto& [name, use] : members) used = std::max(used, use.used());
  findings.ok("ID_ALLOCATOR", ClusterName(),
              what + ": " + in_words(first) + ", next from " + next_ids(members) + "; " +
                  cache_words(first) + "; " + percent(used) + " of the range used");
}

std::string remedy_of(const IdUse& use) {
  if (use.kind == IdUse::Kind::auto_random)
    return "fewer shard bits need a new table: make one with a smaller AUTO_RANDOM(n), copy, swap";
  return "bdrmesh ddl run: MODIFY COLUMN to bigint unsigned (it pauses writes), long before";
}

void tell_range(Findings& findings, const std::string& what, const ClusterName& member,
                const IdUse& use) {
  if (use.used() < kWarn) return;
  const std::string text = what + ": " + percent(use.used()) + " of its range is used on " +
                           member.value() + " (next " + std::to_string(use.next) + " of " +
                           std::to_string(use.limit) + "); inserts fail at its end";
  if (use.used() < kError) {
    findings.warn("ID_RANGE_ENDS", member, text, remedy_of(use));
  } else {
    findings.error("ID_RANGE_ENDS", member, text, remedy_of(use));
  }
}

/// The counts that two members give out next lie within one cache of each other: rows written now
/// can get the same id, once in 2^shard bits.
void tell_near_bases(Findings& findings, const std::string& what,
                     const std::map<ClusterName, IdUse>& members) {
  std::vector<std::pair<std::uint64_t, ClusterName>> bases;
  for (const auto& [name, use] : members) {
    if (use.kind == IdUse::Kind::auto_random) bases.emplace_back(use.next, name);
  }
  std::ranges::sort(bases);
  for (std::size_t i = 1; i < bases.size(); ++i) {
    const std::uint64_t apart = bases[i].first - bases[i - 1].first;
    const IdUse& use = members.at(bases[i].second);
    // A member that counts on reaches where the other one began within so many ids.
    const std::uint64_t wanted = use.limit / (2 * std::max<std::size_t>(bases.size(), 1));
    if (apart >= wanted) continue;
    findings.warn("AUTO_RANDOM_BASES_NEAR", ClusterName(),
                  what + ": the counts of " + bases[i - 1].second.value() + " and " +
                      bases[i].second.value() + " are " + std::to_string(apart) +
                      " apart: where they meet, one id in " +
                      std::to_string(std::uint64_t{1} << std::min(use.shard_bits, 62)) +
                      " is given out twice, and one of the two rows is lost without a word",
                  "move them apart, the one that is ahead first: on " + bases[i].second.value() +
                      " ALTER TABLE ... AUTO_RANDOM_BASE = " +
                      std::to_string(bases[i - 1].first + use.limit / bases.size()));
  }
}

void tell_order(Findings& findings, const CheckContext& ctx) {
  const std::string n = std::to_string(ctx.group.members.size());
  std::string offsets;
  int offset = 0;
  for (const ClusterName& name : ctx.group.members) {
    ++offset;
    offsets += (offset == 1 ? "" : ", ") + name.value() + " " + std::to_string(offset);
  }
  findings.ok("ID_ORDER", ClusterName(),
              "to keep AUTO_INCREMENT apart: 1. SET GLOBAL auto_increment_increment = " + n +
                  " on every member; 2. SET GLOBAL auto_increment_offset (" + offsets +
                  "); 3. let all applications connect anew, since open sessions keep the old "
                  "values; with another member to come, choose an increment for that many now");
}

}  // namespace

std::vector<Finding> judge_ids(const TableName& table,
                               const std::map<ClusterName, IdUse>& members) {
  Findings findings;
  if (members.empty()) return {};
  const std::string what = to_string(table) + "." + members.begin()->second.column;
  tell_allocator(findings, what, members);
  for (const auto& [name, use] : members) tell_range(findings, what, name, use);
  tell_near_bases(findings, what, members);
  return findings.take();
}

std::vector<Finding> examine_ids(const Desired& desired, const GroupSpec& group, World& world,
                                 const Call& call, const Clock& clock) {
  CheckContext ctx{desired, group, world, call, clock, {}, {}, {}, nullptr};
  std::vector<Finding> all;
  const auto add = [&](std::vector<Finding> more) {
    for (Finding& one : more) all.push_back(std::move(one));
  };
  for (Finding& one : Reachability().run(ctx)) {
    if (one.severity != Severity::ok) all.push_back(std::move(one));
  }
  Findings findings;
  bool incremented = false;
  for (const auto& [table, by_cluster] : definitions(ctx, findings).tables) {
    std::map<ClusterName, IdUse> members;
    for (const auto& [name, statement] : by_cluster) {
      if (const auto use = statement ? id_use(*statement) : std::nullopt) members[name] = *use;
    }
    incremented = incremented ||
                  (!members.empty() && members.begin()->second.kind == IdUse::Kind::auto_increment);
    add(judge_ids(table, members));
  }
  add(AutoIds().run(ctx));
  if (incremented && group.kind == GroupKind::multi_active) tell_order(findings, ctx);
  add(findings.take());
  return all;
}

}  // namespace bdrmesh::doctor
