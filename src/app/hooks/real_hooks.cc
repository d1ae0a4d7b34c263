#include "app/hooks/real_hooks.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "app/hooks/child_process.h"
#include "app/hooks/mask_secrets.h"
#include "base/error.h"
#include "base/json.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kLongestOutput = 4096;
constexpr std::size_t kLongestSecret = 1024;

/// The end of a masked text. Where its beginning was cut off, half a secret may stand there
/// unmasked: that goes too.
std::string last_part(std::string text, bool cut) {
  if (cut) text.erase(0, kLongestSecret);
  if (text.size() <= kLongestOutput && !cut) return text;
  return "... " + text.substr(text.size() - std::min(text.size(), kLongestOutput));
}

std::string when_word(const HookSpec& hook) {
  return hook.when == HookWhen::before ? "before" : "after";
}

/// What both kinds of hooks are told.
std::map<std::string, std::string> facts_of(const flows::HookCall& call) {
  return {{"operation", call.operation},  {"kind", call.kind},
          {"group", call.group},          {"stage", call.hook.stage},
          {"when", when_word(call.hook)}, {"attempt", std::to_string(call.attempt)}};
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// Little of our own environment: it may hold the passwords of clusters.
std::map<std::string, std::string> base_environment() {
  std::map<std::string, std::string> environment;
  for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME"}) {
    if (const char* value = std::getenv(name)) environment[name] = value;
  }
  return environment;
}

std::string ended_text(const ChildEnd& end, Millis limit) {
  if (!end.cannot_start.empty()) return "cannot be started: " + end.cannot_start;
  if (end.timed_out) return "timed out after " + std::to_string(limit.count()) + " ms";
  if (end.status) return "exit status " + std::to_string(*end.status);
  return "killed by signal " + std::to_string(end.signal);
}

/// One printable line: what a program writes may move the cursor of whoever reads it.
std::string as_line(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool plain = static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    line += c == '\n' ? std::string(" | ") : plain ? std::string(1, c) : std::string(" ");
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '|')) line.pop_back();
  return line;
}

/// Cutting output at a byte may have cut a character.
std::string valid_utf8(const std::string& text) {
  const Json quoted(text);
  const std::string dumped = quoted.dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(dumped).get<std::string>();
}

}  // namespace

RealHooks::RealHooks(const Desired& desired, SecretReader read_secret, const Clock& clock)
    : read_secret_(std::move(read_secret)), clock_(clock), http_({}, clock) {
  for (const ClusterSpec& cluster : desired.clusters) {
    sources_.push_back(cluster.password);
    for (const ClusterSpec& origin : desired.clusters) {
      if (origin.name != cluster.name && !cluster.sink.password.text.empty())
        sources_.push_back(cluster.sink.password_for(origin.name));
    }
  }
  for (const GroupSpec& group : desired.groups) {
    for (const HookSpec& hook : group.hooks) {
      if (!hook.token.text.empty()) sources_.push_back(hook.token);
      for (const auto& [name, source] : hook.env) sources_.push_back(source);
    }
  }
  std::ranges::sort(sources_);
  sources_.erase(std::unique(sources_.begin(), sources_.end()), sources_.end());
}

std::string RealHooks::fault_of(const HookSpec& hook) {
  try {
    if (!hook.token.text.empty()) read_secret_(hook.token);
    for (const auto& [name, source] : hook.env) read_secret_(source);
  } catch (const Error& e) {
    return e.message();
  }
  return hook.run.empty() ? "" : fault_of_program(hook.run.front());
}

flows::HookOutcome RealHooks::run(const flows::HookCall& call,
                                  const std::function<void(const std::string&)>& begun,
                                  const Call& limits) {
  try {
    return call.hook.run.empty() ? ask_service(call, limits) : run_program(call, begun, limits);
  } catch (const Error& e) {
    if (e.code() != "SECRET_UNREADABLE") throw;
    flows::HookOutcome outcome;
    outcome.ended = "cannot be started: " + e.message();
    return outcome;
  }
}

flows::HookOutcome RealHooks::run_program(const flows::HookCall& call,
                                          const std::function<void(const std::string&)>& begun,
                                          const Call& limits) {
  ChildCall child;
  child.argv = call.hook.run;
  child.environment = base_environment();
  for (const auto& [name, source] : call.hook.env)
    child.environment[name] = read_secret_(source).reveal();
  for (const auto& [name, value] : facts_of(call))
    child.environment["BDRMESH_" + upper(name)] = value;
  child.limit = call.limit;
  child.longest_output = 2 * kLongestOutput;
  const ChildEnd end = run_child(child, begun, limits, clock_);
  flows::HookOutcome outcome;
  outcome.ok = end.status == 0 && !end.timed_out && !end.stopped;
  outcome.stopped = end.stopped;
  outcome.ended = ended_text(end, call.limit);
  outcome.output = last_part(masked(end.output, call.hook), end.cut);
  outcome.took = end.took;
  return outcome;
}

flows::HookOutcome RealHooks::ask_service(const flows::HookCall& call, const Call& limits) {
  HttpRequest request;
  request.method = HttpMethod::post;
  request.url = call.hook.url;
  request.patience = call.limit;
  request.body = Secret(Json(facts_of(call)).dump());
  if (!call.hook.token.text.empty()) request.bearer = read_secret_(call.hook.token);
  const MonoTime start = clock_.mono();
  const HttpAnswer answer = http_.send(request, limits);
  flows::HookOutcome outcome;
  outcome.ok = answer.ok();
  outcome.stopped =
      answer.outcome == HttpOutcome::stopped || answer.outcome == HttpOutcome::stopped_before;
  outcome.ended = answer.outcome == HttpOutcome::answered
                      ? "HTTP " + std::to_string(answer.status)
                      : "no answer: " + masked(answer.trouble, call.hook);
  outcome.output = masked(answer.body, call.hook).substr(0, kLongestOutput);
  outcome.took = std::chrono::duration_cast<Millis>(clock_.mono() - start);
  return outcome;
}

void RealHooks::end_leftover(const std::string& mark) { end_child(mark); }

std::string RealHooks::masked(const std::string& text, const HookSpec& hook) const {
  if (text.empty()) return {};
  std::vector<Secret> secrets = secret_environment();
  std::vector<SecretSource> sources = sources_;
  sources.push_back(hook.token);
  for (const auto& [name, source] : hook.env) sources.push_back(source);
  for (const SecretSource& source : sources) {
    if (source.text.empty()) continue;
    try {
      secrets.push_back(read_secret_(source));
    } catch (const Error& e) {
      // What cannot be read now cannot be recognised either: then nothing is shown.
      return "(not shown: " + e.message() + ")";
    }
  }
  return as_line(mask_secrets(valid_utf8(text), std::move(secrets)));
}

}  // namespace bdrmesh
