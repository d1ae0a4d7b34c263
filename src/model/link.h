// Links: the ordered pairs of clusters, each carried by one changefeed.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "model/names.h"

namespace bdrmesh {

struct Link {
  ClusterName from;
  ClusterName to;
  auto operator<=>(const Link&) const = default;
};

/// `east-to-west`, as used in changefeed ids and on screens.
std::string to_string(const Link& link);

/// All n(n-1) ordered pairs, in order of `members`.
std::vector<Link> full_mesh(const std::vector<ClusterName>& members);

/// `<group>-<from>-to-<to>-<incarnation>` (design §1).
ChangefeedId changefeed_id(const GroupName& group, const Link& link, int incarnation);

/// The incarnation that `id` carries, or 0 when it is no feed of this group and link.
int incarnation_of(const ChangefeedId& id, const GroupName& group, const Link& link);

}  // namespace bdrmesh
