// Who of a pair is the primary now: noted on the token rows of both, since after a switchover or a
// failover the configuration still names the old one. The note with the highest term wins, so that
// an old primary that comes back does not take itself for one. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/tidb_cluster.h"
#include "mesh/judge/findings.h"
#include "model/desired.h"

namespace bdrmesh {

struct PairNote {
  ClusterName primary;
  std::uint64_t term = 0;  ///< grows with every change of roles; 0: none was made yet
  std::string how;         ///< switchover, failover
  std::string operation;
  std::string at;  ///< RFC 3339
};

std::optional<PairNote> pair_note(const TokenRow& row, const GroupName& group);
void put_pair_note(TokenRow& row, const GroupName& group, const PairNote& note);
void take_pair_note(TokenRow& row, const GroupName& group);

/// The one of `rows` with the highest term.
std::optional<PairNote> newest_pair_note(const GroupName& group, const std::vector<TokenRow>& rows);

/// `group` with its members in the order of today: primary, then secondary. A multi-active group,
/// or a pair that nobody turned, is as configured.
GroupSpec as_it_stands(GroupSpec group, const std::vector<TokenRow>& rows);

/// The role in the note of the gate that keeps applications out of the secondary.
std::string secondary_role(const GroupName& group);

/// `primary = "dr"`, `secondary = "north"`: what to write into the configuration; empty when it
/// says so already.
std::string pair_lines_for_configuration(const GroupSpec& configured, const GroupSpec& now);
/// That the configuration names the primary of before.
std::vector<MeshFinding> pair_findings(const GroupSpec& configured, const GroupSpec& now);

}  // namespace bdrmesh
