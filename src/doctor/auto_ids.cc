#include <algorithm>
#include <map>
#include <set>

#include "doctor/checks.h"
#include "doctor/definitions.h"
#include "doctor/ids/id_use.h"
#include "doctor/variables.h"

namespace bdrmesh::doctor {
namespace {

struct Stepping {
  int increment = 1;
  int offset = 1;
};

int number_of(const std::optional<std::string>& text) {
  if (!text || text->empty() || text->size() > 5 ||
      text->find_first_not_of("0123456789") != std::string::npos)
    return 1;
  return std::stoi(*text);
}

/// Each member takes every n-th number, and none the same.
bool kept_apart(const std::map<ClusterName, Stepping>& members, std::size_t wanted) {
  std::set<int> rests;
  const int increment = members.begin()->second.increment;
  if (increment < static_cast<int>(wanted)) return false;
  for (const auto& [name, stepping] : members) {
    if (stepping.increment != increment) return false;
    rests.insert(stepping.offset % increment);
  }
  return rests.size() == members.size();
}

/// The tables whose rows some member numbers in that way.
std::vector<TableName> numbered_by(const Definitions& all, IdUse::Kind kind) {
  std::vector<TableName> found;
  for (const auto& [table, by_cluster] : all.tables) {
    const bool is = std::ranges::any_of(by_cluster, [&](const auto& one) {
      const std::optional<IdUse> use = one.second ? id_use(*one.second) : std::nullopt;
      return use && use->kind == kind;
    });
    if (is) found.push_back(table);
  }
  return found;
}

std::string shown(const std::map<ClusterName, Stepping>& members) {
  std::string text;
  for (const auto& [name, stepping] : members) {
    text += (text.empty() ? "" : ", ") + name.value() + " " + std::to_string(stepping.offset) +
            " by " + std::to_string(stepping.increment);
  }
  return text;
}

}  // namespace

std::vector<Finding> AutoIds::run(CheckContext& ctx) const {
  Findings findings;
  if (ctx.group.kind != GroupKind::multi_active) return {};
  const Definitions& all = definitions(ctx, findings);
  const auto incremented = numbered_by(all, IdUse::Kind::auto_increment);
  if (!incremented.empty()) {
    std::map<ClusterName, Stepping> members;
    for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
      ctx.asked(findings, name, "auto_increment settings", [&] {
        members[name] = {number_of(variable(ctx, name, "auto_increment_increment")),
                         number_of(variable(ctx, name, "auto_increment_offset"))};
      });
    }
    if (!members.empty() && !kept_apart(members, ctx.group.members.size())) {
      findings.warn(
          "AUTO_INCREMENT_COLLIDES", ClusterName(),
          named(incremented) + " number their rows, and the members take the same numbers (" +
              shown(members) + "): a later row silently replaces an earlier one",
          "on each member: SET GLOBAL auto_increment_increment = " +
              std::to_string(ctx.group.members.size()) +
              ", and auto_increment_offset = 1, 2, 3 …; or AUTO_RANDOM, or ids made by the "
              "application");
    }
  }
  const auto random = numbered_by(all, IdUse::Kind::auto_random);
  if (!random.empty()) {
    findings.warn(
        "AUTO_RANDOM_MAY_COLLIDE", ClusterName(),
        named(random) +
            " take AUTO_RANDOM ids: each member counts from its own base, so that equal ids "
            "come up once in 2^shard bits of equal counts",
        "move the bases apart: ALTER TABLE … AUTO_RANDOM_BASE = … on each member");
  }
  const auto sequences = all.with({"CREATE SEQUENCE", "nextval("});
  if (!sequences.empty()) {
    findings.warn("SEQUENCES", ClusterName(),
                  named(sequences) +
                      " use sequences, which are not replicated: every member counts by "
                      "itself",
                  "give each member a range of its own: START WITH and INCREMENT BY");
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
