#include "app/cli/offline/config_check.h"

#include "app/cli/render/text_table.h"
#include "app/config/config.h"
#include "base/json.h"

namespace bdrmesh {
namespace {

Json problems_as_json(const std::vector<ConfigProblem>& problems) {
  Json list = Json::array();
  for (const ConfigProblem& problem : problems) {
    list.push_back({{"line", problem.line}, {"what", problem.what}, {"hint", problem.hint}});
  }
  return list;
}

std::string summary_of(const Desired& desired, const std::string& path) {
  std::string out = path + ": in order\n";
  for (const ClusterSpec& cluster : desired.clusters) {
    out += "  cluster " + cluster.name.value() + "  source id " +
           std::to_string(cluster.source_id) + ", " + std::to_string(cluster.tidb.size()) +
           " tidb-server" + (cluster.tidb.size() == 1 ? "" : "s") + "\n";
  }
  for (const GroupSpec& group : desired.groups) {
    std::string members;
    for (const ClusterName& name : group.members)
      members += (members.empty() ? "" : ", ") + name.value();
    out += "  group " + group.name.value() + "  " +
           (group.kind == GroupKind::multi_active ? "multi-active" : "primary-secondary") + " of " +
           members + ": " + std::to_string(group.links().size()) + " link" +
           (group.links().size() == 1 ? "" : "s") + "\n";
  }
  return out;
}

}  // namespace

ExitCode check_config(const std::string& path, OutputForm form, Terminal& terminal) {
  const ConfigResult result = read_config_file(path);
  if (form == OutputForm::json) {
    const Json answer{{"ok", result.ok()},
                      {"problems", problems_as_json(result.problems)},
                      {"warnings", problems_as_json(result.warnings)}};
    terminal.data(answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return result.ok() ? ExitCode::done : ExitCode::usage;
  }
  for (const ConfigProblem& warning : result.warnings)
    terminal.say("warning: " + printable(describe(warning, path)));
  for (const ConfigProblem& problem : result.problems)
    terminal.say(printable(describe(problem, path)));
  if (result.ok()) {
    terminal.data(summary_of(result.desired, path));
    return ExitCode::done;
  }
  terminal.say("refused (BAD_CONFIG): " + std::to_string(result.problems.size()) +
               (result.problems.size() == 1 ? " problem in " : " problems in ") + path);
  return ExitCode::usage;
}

}  // namespace bdrmesh
