#include "flows/group/whole_link.h"

#include <algorithm>

#include "mesh/feed_config.h"
#include "mesh/judge/findings.h"

namespace bdrmesh::flows {

std::optional<LinkLack> differs_from_wanted(const FlowPorts& ports, const GroupName& group,
                                            const Link& link, const ChangefeedId& changefeed,
                                            const Call& call) {
  const auto detail = ports.world.ticdc(link.from).find(changefeed, call);
  if (!detail) return std::nullopt;
  const auto differences = link_differences(ports.desired, ports.desired.group(group), link,
                                            *detail, ports.world.pd(link.from).cluster_id(call));
  if (differences.empty()) return std::nullopt;
  const FeedDifference& first = differences.front();
  return LinkLack{"FEED_DIFFERS",
                  "changefeed " + changefeed.value() + " has " + first.property + " = " +
                      first.seen + ", wanted " + first.wanted + ": what it left out is not proven",
                  "bdrmesh group plan " + group.value()};
}

std::optional<LinkLack> is_not_continuous(const FlowPorts& ports, const GroupName& group,
                                          const Link& link, const ChangefeedId& changefeed,
                                          const Call& call) {
  const std::vector<LinkIncarnation> book = ports.links.incarnations(group);
  const auto own = std::ranges::find(book, changefeed, &LinkIncarnation::changefeed);
  const std::string heal = "bdrmesh verify run --group " + group.value() + " --level rows";
  if (own == book.end() || own->removed) {
    return LinkLack{"LINK_UNPROVEN",
                    "changefeed " + changefeed.value() +
                        " is not in our book, so nothing says where it started",
                    "bdrmesh link adopt " + group.value() + " " + link.from.value() + " " +
                        link.to.value() + ", then " + heal};
  }
  const auto detail = ports.world.ticdc(link.from).find(changefeed, call);
  if (detail && detail->start_ts > own->start) {
    return LinkLack{"LINK_UNPROVEN",
                    "changefeed " + changefeed.value() + " was moved or made anew at " +
                        to_string(detail->start_ts) + ", by somebody else: rows that " +
                        link.from.value() + " committed before may be missing on " +
                        link.to.value(),
                    heal + " closes the gap, when all rows are equal"};
  }
  const auto gap = gap_before(book, changefeed);
  if (!gap) return std::nullopt;
  return LinkLack{"LINK_UNPROVEN",
                  "rows that " + link.from.value() + " committed between " + to_string(gap->from) +
                      " and " + to_string(gap->to) + " may be missing on " + link.to.value() +
                      ": its changefeed began after its predecessor was last proven",
                  heal + " closes the gap, when all rows are equal"};
}

std::optional<LinkLack> leaves_tables_out(const FlowPorts& ports, const GroupName& group,
                                          const Link& link, const ChangefeedId& changefeed,
                                          const Call& call) {
  const Tso now = ports.world.tidb(link.from).current_tso(call);
  const EligibleTables tables = ports.world.ticdc(link.from).verify_table(
      now, ports.world.sink_uri(link),
      wanted_replica_config(ports.desired.group(group), changefeed), call);
  if (tables.ineligible.empty()) return std::nullopt;
  return LinkLack{"TABLE_NOT_CARRIED",
                  "TiCDC of " + link.from.value() + " does not carry " +
                      to_string(tables.ineligible.front()) +
                      (tables.ineligible.size() > 1
                           ? " and " + std::to_string(tables.ineligible.size() - 1) + " more"
                           : ""),
                  "bdrmesh doctor --group " + group.value()};
}

std::optional<LinkLack> lack_of(const FlowPorts& ports, const GroupName& group, const Link& link,
                                const ChangefeedId& changefeed, const Call& call) {
  if (auto lack = differs_from_wanted(ports, group, link, changefeed, call)) return lack;
  if (auto lack = is_not_continuous(ports, group, link, changefeed, call)) return lack;
  return leaves_tables_out(ports, group, link, changefeed, call);
}

}  // namespace bdrmesh::flows
