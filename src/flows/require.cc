#include "flows/require.h"

#include "base/error.h"

namespace bdrmesh::flows {

void require_managed(const GroupSnapshot& snapshot) {
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.token_ours && seen.marker_schema) continue;
    throw Error(ErrorKind::precondition, "NOT_MANAGED",
                "cluster " + seen.name.value() + " is not managed by this manager yet",
                "bdrmesh group apply " + snapshot.group.name.value());
  }
}

void require_feeds(const GroupSnapshot& snapshot, const std::vector<LinkSnapshot>& links) {
  for (const LinkSnapshot& link : links) {
    if (link.feed) continue;
    throw Error(ErrorKind::precondition, "LINK_MISSING",
                "link " + to_string(link.link) + " has no changefeed",
                "bdrmesh group plan " + snapshot.group.name.value());
  }
}

}  // namespace bdrmesh::flows
