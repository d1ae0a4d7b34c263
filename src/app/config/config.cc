#include "app/config/config.h"

#include <algorithm>

#include "app/config/config_checks.h"
#include "app/config/config_sections.h"
#include "app/config/config_tree.h"
#include "base/error.h"
#include "base/text_file.h"

namespace bdrmesh {
namespace {

/// The tables of `[[key]]`; a problem for anything else of that name.
std::vector<const ConfigNode*> tables_of(const ConfigNode& root, const std::string& key,
                                         ConfigResult& result) {
  std::vector<const ConfigNode*> tables;
  const ConfigNode* list = root.find(key);
  if (list == nullptr) return tables;
  const bool is_list = list->type == ConfigNode::Type::array;
  for (const ConfigNode& item : list->children) {
    if (!is_list || item.type != ConfigNode::Type::table) break;
    tables.push_back(&item);
  }
  if (!is_list || tables.size() != list->children.size()) {
    result.problems.push_back({list->line, "'" + key + "' must be a list of tables",
                               "write [[" + key + "]] with two brackets"});
  }
  return tables;
}

void check_top_keys(const ConfigNode& root, ConfigResult& result) {
  static const std::vector<std::string> kKnown{"manager", "cluster", "group"};
  for (const ConfigNode& node : root.children) {
    if (std::ranges::find(kKnown, node.key) != kKnown.end()) continue;
    const std::string meant = nearest(node.key, kKnown);
    result.problems.push_back({node.line, "unknown key '" + node.key + "'",
                               meant.empty() ? "known here: [manager], [[cluster]], [[group]]"
                                             : "did you mean '" + meant + "'?"});
  }
}

void in_order_of_lines(std::vector<ConfigProblem>& problems) {
  std::ranges::stable_sort(problems, {}, &ConfigProblem::line);
  const auto same = [](const ConfigProblem& a, const ConfigProblem& b) {
    return a.line == b.line && a.what == b.what;
  };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
}

}  // namespace

ConfigResult read_config(std::string_view text) {
  ConfigResult result;
  const ConfigNode root = parse_toml(text, result.problems);
  if (!result.ok()) return result;
  check_top_keys(root, result);

  if (const ConfigNode* manager = root.find("manager")) {
    if (manager->type == ConfigNode::Type::table) {
      result.desired.manager = read_manager(*manager, result);
    } else {
      result.problems.push_back({manager->line, "'manager' must be a table", "write [manager]"});
    }
  }
  std::vector<ReadCluster> clusters;
  for (const ConfigNode* table : tables_of(root, "cluster", result))
    clusters.push_back(read_cluster(*table, result));
  std::vector<ReadGroup> groups;
  for (const ConfigNode* table : tables_of(root, "group", result))
    groups.push_back(read_group(*table, result));
  if (root.find("cluster") == nullptr) {
    result.problems.push_back(
        {0, "no cluster is described", "add a [[cluster]] for each one, see configs/example.toml"});
  }
  check_together(clusters, groups, result);

  for (ReadCluster& cluster : clusters) result.desired.clusters.push_back(std::move(cluster.spec));
  for (ReadGroup& group : groups) result.desired.groups.push_back(std::move(group.spec));
  in_order_of_lines(result.problems);
  in_order_of_lines(result.warnings);
  return result;
}

ConfigResult read_config_file(const std::string& path) {
  if (const auto text = read_text_file(path)) return read_config(*text);
  throw Error(ErrorKind::invalid, "CONFIG_UNREADABLE",
              "cannot read the configuration file '" + path + "'",
              "name a readable TOML file; configs/example.toml shows one");
}

std::string describe(const ConfigProblem& problem, const std::string& path) {
  const std::string place = problem.line > 0 ? path + ":" + std::to_string(problem.line) : path;
  return place + ": " + problem.what + " (" + problem.hint + ")";
}

Desired load_config(const std::string& path) { return accepted(read_config_file(path), path); }

Desired accepted(ConfigResult result, const std::string& path) {
  if (result.ok()) return std::move(result.desired);
  std::string lines = std::to_string(result.problems.size()) +
                      (result.problems.size() == 1 ? " problem" : " problems") +
                      " in the configuration";
  for (const ConfigProblem& problem : result.problems) lines += "\n" + describe(problem, path);
  throw Error(ErrorKind::invalid, "BAD_CONFIG", lines, "bdrmesh config check " + path);
}

}  // namespace bdrmesh
