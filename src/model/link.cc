#include "model/link.h"

#include <charconv>

namespace bdrmesh {

std::string to_string(const Link& link) { return link.from.value() + "-to-" + link.to.value(); }

std::vector<Link> full_mesh(const std::vector<ClusterName>& members) {
  std::vector<Link> links;
  for (const ClusterName& from : members) {
    for (const ClusterName& to : members) {
      if (from != to) links.push_back({from, to});
    }
  }
  return links;
}

ChangefeedId changefeed_id(const GroupName& group, const Link& link, int incarnation) {
  return ChangefeedId(group.value() + "-" + to_string(link) + "-" + std::to_string(incarnation));
}

int incarnation_of(const ChangefeedId& id, const GroupName& group, const Link& link) {
  const std::string prefix = group.value() + "-" + to_string(link) + "-";
  const std::string& text = id.value();
  if (text.compare(0, prefix.size(), prefix) != 0) return 0;
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data() + prefix.size(), end, number);
  return code == std::errc{} && stopped == end && number > 0 ? number : 0;
}

}  // namespace bdrmesh
