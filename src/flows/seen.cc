#include "flows/seen.h"

#include <algorithm>
#include <regex>

#include "flows/survivors.h"

namespace bdrmesh::flows {
namespace {

template <class Values, class Render>
std::string joined(const Values& values, const Render& render) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + std::string(render(value));
  return text.empty() ? "none" : text;
}

template <class Values>
std::string joined(const Values& values) {
  return joined(values, [](const auto& value) { return value; });
}

std::string name_of(const ClusterName& name) { return name.value(); }

/// Addresses and users only: what a password is read from does not change a plan.
void add_configured(Json& seen, const ClusterSpec& spec) {
  const std::string prefix = "config." + spec.name.value() + ".";
  seen[prefix + "source_id"] = std::to_string(spec.source_id);
  seen[prefix + "tidb"] = joined(spec.tidb, [](const ServerAddress& one) { return one.value(); });
  seen[prefix + "pd"] = joined(spec.pd);
  seen[prefix + "ticdc"] = joined(spec.ticdc);
  seen[prefix + "user"] = spec.user;
  seen[prefix + "sink"] = spec.sink.user + " at " + spec.sink.address + ", parameters " +
                          joined(spec.sink.params, [](const auto& parameter) {
                            return parameter.first + "=" + parameter.second;
                          });
}

void add_configured(Json& seen, const GroupSpec& group) {
  seen["config.members"] = joined(group.members, name_of);
  seen["config.tables"] = joined(group.tables);
  seen["config.ddl_primary"] = group.ddl_primary ? group.ddl_primary->value() : "none";
  seen["config.redo"] = group.redo ? group.redo->storage : "none";
}

std::string shown_gates(const TokenRow& row) {
  return joined(gate_notes(row), [](const GateNote& note) {
    return note.operation + (note.line_crossed ? " (line crossed)" : "");
  });
}

void add_cluster(Json& seen, const ClusterSnapshot& cluster) {
  const std::string prefix = cluster.name.value() + ".";
  seen[prefix + "role"] =
      !cluster.role_supported ? "not supported"
      : cluster.role
          ? *cluster.role == BdrRole::none ? "none" : std::string(to_string(*cluster.role))
          : "unknown";
  seen[prefix + "source_id"] = std::to_string(cluster.source_id);
  seen[prefix + "version"] = cluster.release;
  seen[prefix + "marker_schema"] = cluster.marker_schema ? "present" : "absent";
  const bool held = cluster.token && !cluster.token->manager.empty();
  seen[prefix + "token"] = held ? cluster.token->manager : "nobody";
  seen[prefix + "gates"] = cluster.token ? shown_gates(*cluster.token) : "none";
}

/// `warning` comes and goes by itself while TiCDC retries.
std::string settled_state(const std::string& state) {
  return state == "normal" || state == "warning" ? "running" : state;
}

void add_link(Json& seen, const LinkSnapshot& link) {
  const std::string prefix = to_string(link.link) + ".";
  seen[prefix + "feed"] = link.feed ? link.changefeed.value() : "none";
  seen[prefix + "state"] = link.feed ? settled_state(link.feed->state) : "none";
  seen[prefix + "upstream"] = link.feed ? std::to_string(link.feed->upstream_id) : "none";
  seen[prefix + "start"] = link.start ? to_string(*link.start) : "not in our book";
}

}  // namespace

Json seen_of(const Desired& desired, const GroupSnapshot& snapshot) {
  Json seen = Json::object();
  add_configured(seen, snapshot.group);
  for (const ClusterSnapshot& cluster : snapshot.clusters) {
    add_configured(seen, desired.cluster(cluster.name));
    add_cluster(seen, cluster);
  }
  for (const LinkSnapshot& link : snapshot.links) add_link(seen, link);
  return seen;
}

Json seen_of_gates(const ClusterName& cluster, const std::optional<TokenRow>& row) {
  return {{cluster.value() + ".token", row && !row->manager.empty() ? row->manager : "nobody"},
          {cluster.value() + ".gates", row ? shown_gates(*row) : "none"}};
}

std::string settled_definition(const std::string& create_statement) {
  static const std::regex kIdBase(
      R"( ?(/\*T!\[auto_rand_base\] )?(AUTO_INCREMENT|AUTO_RANDOM_BASE)=[0-9]+( \*/)?)");
  return std::regex_replace(create_statement, kIdBase, "");
}

Json look_again(const FlowPorts& ports, const Json& args, const Call& call) {
  const std::string group = get_or<std::string>(args, "group", "");
  const std::string without = get_or<std::string>(args, "without_member", "");
  if (!group.empty() && !without.empty()) {
    const ClusterName dead(without);
    return seen_of(ports.desired,
                   among_themselves(look_at_survivors(ports, GroupName(group), dead, call), dead));
  }
  if (!group.empty()) return seen_of(ports.desired, look_at_group(ports, GroupName(group), call));
  const ClusterName cluster(get_or<std::string>(args, "cluster", ""));
  return seen_of_gates(cluster, ports.world.tidb(ports.desired.cluster(cluster).name).token(call));
}

std::vector<SeenDifference> differences(const Json& planned, const Json& now, bool partial) {
  std::vector<SeenDifference> all;
  for (const auto& [what, value] : planned.items()) {
    const auto found = now.find(what);
    if (found == now.end() ? partial : *found == value) continue;
    all.push_back({what, value, found == now.end() ? Json() : *found});
  }
  for (const auto& [what, value] : now.items()) {
    if (!planned.contains(what)) all.push_back({what, Json(), value});
  }
  std::ranges::sort(all, {}, &SeenDifference::what);
  return all;
}

}  // namespace bdrmesh::flows
