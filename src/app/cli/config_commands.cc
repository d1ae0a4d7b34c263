// `config ...`: offline.
#include "app/cli/command_groups.h"
#include "app/cli/offline/config_check.h"

namespace bdrmesh {

Commands config_commands() {
  return {{"config check",
           "Check a file; offline",
           "bdrmesh config check mesh.toml",
           {argument("FILE", "the TOML file", Names::file).required()},
           [](const Invocation& call) {
             // Problems are for people first: they come as text unless JSON is asked for.
             return check_config(
                 call.text("FILE"),
                 call.text("--output") == "json" ? OutputForm::json : OutputForm::table,
                 call.terminal());
           }}};
}

}  // namespace bdrmesh
