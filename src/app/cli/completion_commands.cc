// `completion`, and what its scripts ask.
#include "app/cli/command_groups.h"
#include "app/cli/completion/candidates.h"
#include "app/cli/completion/known_names.h"

namespace bdrmesh {
namespace {

/// The value of an option in what is typed, wherever it stands.
std::string typed_value(const std::vector<std::string>& typed, const std::string& option) {
  for (std::size_t at = 0; at + 1 < typed.size(); ++at) {
    if (typed[at] == option) return typed[at + 1];
    if (typed[at].starts_with(option + "=")) return typed[at].substr(option.size() + 1);
  }
  return {};
}

std::string server_of(const Invocation& call, const std::vector<std::string>& typed,
                      const std::string& config) {
  const std::string given = typed_value(typed, "--server");
  if (!given.empty()) return given;
  try {
    if (!typed_value(typed, "--config").empty()) return manager_url(config);
    return call.server_url();
  } catch (const Error&) {
    return {};  // a broken configuration is told by the command, not while its name is typed
  }
}

ExitCode candidates(const Invocation& call, const std::vector<CommandGroup>& groups) {
  const std::vector<std::string> typed = call.texts("WORD");
  const std::string named = typed_value(typed, "--config");
  const std::string config = named.empty() ? call.config() : named;
  KnownNames source(config, server_of(call, typed, config));
  const Completion found = complete(groups, typed, source);
  if (found.files) call.terminal().data(":files\n");
  for (const std::string& word : found.words) call.terminal().data(word + "\n");
  return ExitCode::done;
}

}  // namespace

Commands completion_commands(std::function<std::vector<CommandGroup>()> groups) {
  Command hidden{
      "complete",
      "What may stand where the cursor is; asked by the scripts of completion",
      "bdrmesh complete -- group pl",
      {argument_list("WORD", "what is typed so far")},
      [groups = std::move(groups)](const Invocation& call) { return candidates(call, groups()); }};
  hidden.hidden = true;
  return {{"completion",
           "Print what makes a shell complete commands, options and names",
           "bdrmesh completion bash",
           {argument("SHELL", "bash, zsh or fish").required().one_of({"bash", "zsh", "fish"})},
           [](const Invocation& call) {
             call.terminal().data(completion_script(call.text("SHELL")));
             return ExitCode::done;
           }},
          std::move(hidden)};
}

}  // namespace bdrmesh
