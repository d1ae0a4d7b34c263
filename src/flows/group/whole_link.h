// Whether a link carries everything that its group wants carried, from the beginning on: what a
// marker and a checkpoint cannot tell (design §2 rule 5).
#pragma once

#include <optional>
#include <string>

#include "flows/ports.h"
#include "model/link.h"

namespace bdrmesh::flows {

/// What a link leaves out: as a refusal would say it.
struct LinkLack {
  std::string code;  ///< `FEED_DIFFERS`, `LINK_UNPROVEN`, `TABLE_NOT_CARRIED`
  std::string why;
  std::string remedy;
};

/// The feed as TiCDC tells it differs from the configuration's: its filter, its mode, its target.
/// std::nullopt: it does not, or TiCDC does not know it (yet). Blocks. @throws Error as the
/// clients.
std::optional<LinkLack> differs_from_wanted(const FlowPorts& ports, const GroupName& group,
                                            const Link& link, const ChangefeedId& changefeed,
                                            const Call& call);

/// It is not in our book, rows between it and its predecessor were never proven (design §1,
/// continuous), or somebody moved it forward or made it anew: classic TiCDC then tells a later
/// start (measured §2 B, §1.5.7; the new architecture tells nothing). Blocks.
std::optional<LinkLack> is_not_continuous(const FlowPorts& ports, const GroupName& group,
                                          const Link& link, const ChangefeedId& changefeed,
                                          const Call& call);

/// Tables that match the group's rules and that TiCDC cannot carry. Blocks.
std::optional<LinkLack> leaves_tables_out(const FlowPorts& ports, const GroupName& group,
                                          const Link& link, const ChangefeedId& changefeed,
                                          const Call& call);

/// The first of the three that holds.
std::optional<LinkLack> lack_of(const FlowPorts& ports, const GroupName& group, const Link& link,
                                const ChangefeedId& changefeed, const Call& call);

}  // namespace bdrmesh::flows
