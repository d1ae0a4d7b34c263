#include "app/cli/command/invocation.h"

#include <cstdlib>
#include <unistd.h>

#include "app/cli/client/interrupt.h"
#include "app/config/config.h"
#include "app/config/config_address.h"
#include "app/config/config_fields.h"

namespace bdrmesh {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Error usage_error(const std::string& text, const std::string& remedy) {
  return {ErrorKind::invalid, "USAGE", text, remedy};
}

std::string manager_url(const std::string& config) {
  const std::string listen = load_config(config).manager.listen;
  const std::optional<HostPort> address = parse_host_port(listen);
  return !address || address->port == 0 ? "" : "http://" + listen;
}

Invocation::Invocation(const Command& command, Values values, Terminal& terminal,
                       const Clock& clock)
    : command_(command), values_(std::move(values)), terminal_(terminal), clock_(clock) {}

std::string Invocation::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found != values_.end() && !found->second.empty()) return found->second.front();
  for (const Parameter& parameter : command_.parameters) {
    if (parameter.key() == name) return parameter.fallback;
  }
  return {};
}

std::vector<std::string> Invocation::texts(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

bool Invocation::has(const std::string& name) const { return values_.contains(name); }

std::int64_t Invocation::number(const std::string& name) const {
  const std::string given = text(name);
  return given.empty() ? 0 : std::stoll(given);  // the parser has checked it
}

std::optional<Millis> Invocation::span(const std::string& name) const {
  const std::string given = text(name);
  if (given.empty()) return std::nullopt;
  const std::optional<Millis> parsed = parse_duration(given);
  if (!parsed || *parsed <= Millis{0})
    throw usage_error(name + " is no duration: '" + given + "'", "write 500ms, 5s or 10m");
  return parsed;
}

OutputForm Invocation::form() const {
  const std::string wanted = text("--output");
  if (wanted.empty()) return isatty(STDOUT_FILENO) != 0 ? OutputForm::table : OutputForm::json;
  return wanted == "json" ? OutputForm::json : OutputForm::table;
}

std::string Invocation::config() const {
  return has("--config") ? text("--config") : from_environment("BDRMESH_CONFIG");
}

std::string Invocation::required_config() const {
  std::string named = config();
  if (named.empty()) {
    throw usage_error(command_.words + " needs a configuration",
                      "bdrmesh " + command_.words + " --config FILE (or BDRMESH_CONFIG)");
  }
  return named;
}

std::string Invocation::server_url() const {
  std::string url = text("--server");
  if (url.empty() && has("--config")) url = manager_url(text("--config"));
  if (url.empty()) url = from_environment("BDRMESH_SERVER");
  if (const std::string named = from_environment("BDRMESH_CONFIG"); url.empty() && !named.empty())
    url = manager_url(named);
  if (url.empty() && !config().empty()) {
    throw usage_error("manager.listen of '" + config() + "' lets the system choose the port",
                      "name the daemon with --server URL or BDRMESH_SERVER");
  }
  if (url.empty()) url = "http://127.0.0.1:8440";
  const std::string fault = fault_of_base_url(url);
  if (!fault.empty()) throw usage_error("the URL of the daemon " + fault, "write http://host:port");
  return url;
}

ExitCode Invocation::with_api(const std::function<ExitCode(const CommandContext&)>& body) const {
  ApiClient api(server_url());
  const InterruptFlag raised_meanwhile;
  return body(
      CommandContext{api, terminal_, clock_, form(), [] { return InterruptFlag::raised(); }});
}

ExitCode Invocation::print(const std::string& path, std::string (*render)(const Json&)) const {
  return with_api([&](const CommandContext& context) {
    show(context, path, render);
    return ExitCode::done;
  });
}

StartOptions Invocation::start_options() const {
  StartOptions options;
  options.dry_run = has("--dry-run");
  options.detach = has("--no-wait");
  options.idempotency_key = text("--idempotency-key");
  options.limit = span("--timeout");
  options.queue = has("--queue");
  options.deadline = span("--deadline");
  if (options.detach && has("--wait"))
    throw usage_error("--wait and --no-wait exclude each other", "leave out one of them");
  return options;
}

ExitCode Invocation::start(const std::string& kind, const Json& args) const {
  const StartOptions options = start_options();
  return with_api(
      [&](const CommandContext& context) { return run_operation(context, kind, args, options); });
}

}  // namespace bdrmesh
