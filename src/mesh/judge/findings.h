// What is wrong with a group as a whole: feeds that nobody ordered, missing directions, feeds that
// are not as wanted, roles and ids (design §2 rules 1 to 4). Only told, never touched. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/ticdc_client.h"
#include "mesh/feed_config.h"
#include "mesh/link_book.h"
#include "model/desired.h"

namespace bdrmesh {

/// A feed of one TiCDC as it was seen.
struct FeedSight {
  FeedSummary summary;
  std::optional<FeedDetail> detail;  ///< absent: not read yet, or newborn
};

/// One cluster as it was seen. Absent: could not be asked.
struct ClusterSight {
  ClusterName name;
  std::optional<std::string> role;  ///< primary, secondary, none, unknown
  bool role_supported = true;       ///< false before v7.6
  std::optional<int> source_id;
  std::optional<std::uint64_t> pd_cluster_id;
  bool feeds_known = false;
  std::vector<FeedSight> feeds;
};

struct MeshFinding {
  std::string code;      ///< stable: `FOREIGN_FEED`
  std::string severity;  ///< info, warning, alarm
  std::string object;    ///< "link east-to-west", "cluster east", "changefeed x of east"
  std::string text;
  std::string remedy;

  bool operator==(const MeshFinding&) const = default;
};

/// All clusters of the configuration in `seen` (others may write into members), the book of the
/// group. In a stable order; the same finding reads the same as long as nothing changes.
std::vector<MeshFinding> mesh_findings(const Desired& desired, const GroupSpec& group,
                                       const std::vector<ClusterSight>& seen,
                                       const std::vector<LinkIncarnation>& book);

/// The cluster that a feed writes into, by the address of its sink; std::nullopt: none of ours.
std::optional<ClusterName> target_of(const Desired& desired, const FeedDetail& feed);

/// Whether two lists of filter rules can take the same table. Judged by examples made of the rules,
/// so that unusual patterns may be told apart wrongly.
bool may_overlap(const std::vector<std::string>& rules, const std::vector<std::string>& others);

/// The filter rules of a feed as TiCDC shows them; `*.*` when it shows none.
std::vector<std::string> rules_of(const FeedDetail& feed);

/// In what the feed of `link` is not as the configuration wants it. `upstream_id` 0: not known.
std::vector<FeedDifference> link_differences(const Desired& desired, const GroupSpec& group,
                                             const Link& link, const FeedDetail& seen,
                                             std::uint64_t upstream_id);

}  // namespace bdrmesh
