// `state ...`: offline.
#include "app/cli/command_groups.h"
#include "app/cli/offline/state_file.h"
#include "app/config/config.h"

namespace bdrmesh {
namespace {

std::string file_of(const Invocation& call) {
  if (!call.text("FILE").empty()) return call.text("FILE");
  if (call.config().empty()) {
    throw usage_error("which state file?",
                      "name it, or --config FILE whose manager.state names it");
  }
  return load_config(call.config()).manager.state;
}

}  // namespace

Commands state_commands() {
  const Parameter file = argument("FILE", "default: manager.state of --config", Names::file);
  return {{"state check",
           "Say what it holds and whether it is whole; offline",
           "bdrmesh state check /var/lib/bdrmesh/state.db",
           {file},
           [](const Invocation& call) {
             return check_state(file_of(call), call.form(), call.terminal());
           }},
          {"state backup",
           "Copy it as of one moment, also under a running daemon",
           "bdrmesh state backup --config mesh.toml --to state-copy.db",
           {file, option("--to", "the copy; must not exist", Names::file).required()},
           [](const Invocation& call) {
             return back_up_state(file_of(call), call.text("--to"), call.form(), call.terminal());
           }},
          {"state compact",
           "Drop what old operations did, and give the room back; while no daemon runs",
           "bdrmesh state compact --config mesh.toml --older-than 90d",
           {file, span("--older-than", "operations that ended longer ago, such as 90d").required()},
           [](const Invocation& call) {
             return compact_state(file_of(call), *call.span("--older-than"), call.clock(),
                                  call.form(), call.terminal());
           }}};
}

}  // namespace bdrmesh
