#include "model/desired.h"

#include <algorithm>

#include "base/error.h"

namespace bdrmesh {
namespace {

std::string with_origin(std::string text, const ClusterName& from) {
  static constexpr std::string_view kPlace = "{from}";
  for (std::size_t at = text.find(kPlace); at != std::string::npos;
       at = text.find(kPlace, at + from.value().size())) {
    text.replace(at, kPlace.size(), from.value());
  }
  return text;
}

template <class Items>
std::string names_of(const Items& items) {
  std::string names;
  for (const auto& item : items) names += (names.empty() ? "" : ", ") + item.name.value();
  return names.empty() ? "none" : names;
}

}  // namespace

std::string SinkSpec::user_for(const ClusterName& from) const { return with_origin(user, from); }

SecretSource SinkSpec::password_for(const ClusterName& from) const {
  return {with_origin(password.text, from)};
}

std::vector<Link> GroupSpec::links() const {
  if (kind == GroupKind::multi_active) return full_mesh(members);
  if (members.size() != 2) return {};
  return {{members[0], members[1]}};
}

const ClusterSpec& Desired::cluster(const ClusterName& wanted) const {
  const auto found = std::ranges::find(clusters, wanted, &ClusterSpec::name);
  if (found != clusters.end()) return *found;
  throw Error(ErrorKind::invalid, "UNKNOWN_CLUSTER", "no cluster is called '" + wanted.value() + "'",
              "the configuration knows: " + names_of(clusters));
}

const GroupSpec& Desired::group(const GroupName& wanted) const {
  const auto found = std::ranges::find(groups, wanted, &GroupSpec::name);
  if (found != groups.end()) return *found;
  throw Error(ErrorKind::invalid, "UNKNOWN_GROUP", "no group is called '" + wanted.value() + "'",
              "the configuration knows: " + names_of(groups));
}

std::vector<std::string> feed_rules(const GroupSpec& group) {
  std::vector<std::string> rules = group.tables;
  rules.push_back(std::string(kMarkerSchema) + ".*");
  return rules;
}

}  // namespace bdrmesh
