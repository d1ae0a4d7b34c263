// How far behind links were.
#include <algorithm>

#include "app/daemon/backend.h"

namespace bdrmesh {
namespace {

/// The finest that gives about a thousand points at most, and is still kept for so long.
Millis span_for(Millis last) {
  static constexpr Millis kHalfDay{43'200'000};
  static constexpr Millis kEightDays{8LL * 86'400'000};
  if (last <= kHalfDay) return Millis{60'000};
  if (last <= kEightDays) return Millis{900'000};
  return Millis{3'600'000};
}

}  // namespace

Json DaemonBackend::link_history(const std::string& group, const std::string& from,
                                 const std::string& to, Millis last) {
  const GroupSpec& spec = parts_.desired.group(GroupName(group));
  const Link wanted{ClusterName(from), ClusterName(to)};
  const std::vector<Link> known = parts_.watch.now(spec).links();
  if (std::ranges::find(known, wanted) == known.end()) {
    throw Error(ErrorKind::invalid, "UNKNOWN_LINK",
                "group " + group + " has no link " + to_string(wanted), "bdrmesh link list");
  }
  const Millis span = span_for(last);
  const WallTime since = parts_.clock.now() - last;
  Json points = Json::array();
  for (const LagRecord& one : parts_.store.lags(group, from, to, span, since)) {
    points.push_back({{"at", to_rfc3339(one.at)},
                      {"most_ms", one.most.count()},
                      {"mean_ms", one.sum.count() / std::max<std::int64_t>(one.samples, 1)},
                      {"samples", one.samples},
                      {"standing", one.standing}});
  }
  return {{"group", group},          {"from", from},    {"to", to}, {"since", to_rfc3339(since)},
          {"span_ms", span.count()}, {"points", points}};
}

}  // namespace bdrmesh
