#include "mesh/pair_note.h"

#include <algorithm>

namespace bdrmesh {
namespace {

constexpr const char* kPairs = "pairs";

}  // namespace

std::optional<PairNote> pair_note(const TokenRow& row, const GroupName& group) {
  if (!row.remembered.is_object()) return std::nullopt;
  const Json pairs = get_or(row.remembered, kPairs, Json::object());
  const auto found = pairs.is_object() ? pairs.find(group.value()) : pairs.end();
  if (!pairs.is_object() || found == pairs.end() || !found->is_object()) return std::nullopt;
  PairNote note;
  note.primary = ClusterName(get_or<std::string>(*found, "primary", ""));
  note.term = get_or<std::uint64_t>(*found, "term", 0);
  note.how = get_or<std::string>(*found, "how", "");
  note.operation = get_or<std::string>(*found, "operation", "");
  note.at = get_or<std::string>(*found, "at", "");
  return note;
}

void put_pair_note(TokenRow& row, const GroupName& group, const PairNote& note) {
  if (!row.remembered.is_object()) row.remembered = Json::object();
  row.remembered[kPairs][group.value()] = {{"primary", note.primary.value()},
                                           {"term", note.term},
                                           {"how", note.how},
                                           {"operation", note.operation},
                                           {"at", note.at}};
}

void take_pair_note(TokenRow& row, const GroupName& group) {
  if (!row.remembered.is_object() || !row.remembered.contains(kPairs)) return;
  row.remembered[kPairs].erase(group.value());
  if (row.remembered[kPairs].empty()) row.remembered.erase(kPairs);
}

std::optional<PairNote> newest_pair_note(const GroupName& group,
                                         const std::vector<TokenRow>& rows) {
  std::optional<PairNote> newest;
  for (const TokenRow& row : rows) {
    const std::optional<PairNote> note = pair_note(row, group);
    if (note && (!newest || note->term > newest->term)) newest = note;
  }
  return newest;
}

GroupSpec as_it_stands(GroupSpec group, const std::vector<TokenRow>& rows) {
  if (group.kind != GroupKind::primary_secondary || group.members.size() != 2) return group;
  const std::optional<PairNote> note = newest_pair_note(group.name, rows);
  if (note && note->primary == group.members.back()) std::ranges::reverse(group.members);
  return group;
}

std::string secondary_role(const GroupName& group) { return "secondary of " + group.value(); }

std::string pair_lines_for_configuration(const GroupSpec& configured, const GroupSpec& now) {
  if (configured.kind != GroupKind::primary_secondary || configured.members == now.members)
    return {};
  return "primary = \"" + now.members.front().value() + "\" and secondary = \"" +
         now.members.back().value() + "\" in [[group]] " + configured.name.value();
}

std::vector<MeshFinding> pair_findings(const GroupSpec& configured, const GroupSpec& now) {
  const std::string lines = pair_lines_for_configuration(configured, now);
  if (lines.empty()) return {};
  return {{"PAIR_TURNED", "warning", "group " + configured.name.value(),
           now.members.front().value() + " is the primary, while the configuration still names " +
               configured.members.front().value() + ": the clusters' own notes are followed",
           "write " + lines + ", and restart the daemon"}};
}

}  // namespace bdrmesh
