// `support ...`
#include "app/cli/command_groups.h"
#include "app/cli/support/bundle.h"
#include "app/config/config.h"

namespace bdrmesh {
namespace {

BundleInputs inputs_of(const Invocation& call) {
  BundleInputs inputs;
  inputs.version = BDRMESH_VERSION;
  if (call.config().empty()) return inputs;
  try {
    inputs.desired = load_config(call.config());
  } catch (const Error& error) {
    inputs.config_problem = error.message();  // a broken configuration may be why help is wanted
  }
  return inputs;
}

ExitCode bundle(const Invocation& call) {
  const std::string to = call.text("--to");
  const BundleInputs inputs = inputs_of(call);
  return call.with_api([&](const CommandContext& context) {
    const std::map<std::string, std::string> files = collect_bundle(context, inputs);
    write_bundle(files, to, context.clock.now());
    Json names = Json::array();
    for (const auto& [name, content] : files) names.push_back(name);
    const std::string& problems = files.at("problems.txt");
    context.terminal.data(context.form == OutputForm::json
                              ? Json{{"bundle", to}, {"files", names}}.dump(2) + "\n"
                              : to + "\n");
    context.terminal.say(std::to_string(files.size()) + " files; " + problems +
                         "read it before you send it: it names hosts, users and statements");
    return ExitCode::done;
  });
}

}  // namespace

Commands support_commands() {
  return {{"support bundle",
           "Collect what those who help need, without secrets: status, operations, events, "
           "configuration, versions, findings of the doctor",
           "bdrmesh support bundle --config mesh.toml --to bundle.tar.gz",
           {option("--to", "a new file FILE.tar.gz, or a new folder", Names::file).required()},
           bundle}};
}

}  // namespace bdrmesh
