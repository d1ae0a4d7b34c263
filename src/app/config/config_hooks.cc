#include "app/config/config_hooks.h"

#include <algorithm>

namespace bdrmesh {
namespace {

constexpr const char* kSourceHint = "write file:/path or env:NAME; a secret never stands here";

bool is_variable_name(const std::string& name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_source(const std::string& text) {
  for (const std::string_view prefix : {"file:", "env:"}) {
    if (text.starts_with(prefix) && text.size() > prefix.size()) return true;
  }
  return false;
}

void read_when(ConfigFields& fields, HookSpec& hook) {
  const bool at_end = hook.stage == "end";
  hook.when = at_end ? HookWhen::after : HookWhen::before;
  const auto when = fields.text("when");
  if (!when) return;
  if (*when != "before" && *when != "after") {
    fields.problem(fields.line_of("when"), fields.where() + ": unknown 'when' '" + *when + "'",
                   "\"before\" or \"after\"");
    return;
  }
  const bool after = *when == "after";
  if ((hook.stage == "start" && after) || (at_end && !after)) {
    fields.problem(fields.line_of("when"),
                   fields.where() + ": nothing is " + *when + " the " + hook.stage,
                   "leave 'when' out, or name a stage");
    return;
  }
  hook.when = after ? HookWhen::after : HookWhen::before;
}

void read_on_failure(ConfigFields& fields, HookSpec& hook) {
  hook.on_failure = hook.when == HookWhen::before ? HookFailure::stop : HookFailure::warn;
  const auto word = fields.text("on_failure");
  if (!word) return;
  if (*word == "stop" || *word == "warn") {
    hook.on_failure = *word == "stop" ? HookFailure::stop : HookFailure::warn;
  } else {
    fields.problem(fields.line_of("on_failure"),
                   fields.where() + ": unknown 'on_failure' '" + *word + "'",
                   "\"stop\" or \"warn\"");
  }
}

SecretSource read_source(ConfigFields& fields, const std::string& key) {
  const auto text = fields.text(key);
  if (!text) return {};
  if (is_source(*text)) return {*text};
  fields.problem(fields.line_of(key), fields.where() + ": '" + key + "' is no source of a secret",
                 kSourceHint);
  return {};
}

void read_env(ConfigFields& fields, HookSpec& hook) {
  const ConfigNode* table = fields.table("env");
  if (table == nullptr) return;
  for (const ConfigNode& item : table->children) {
    if (!is_variable_name(item.key) || item.key.starts_with("BDRMESH_")) {
      fields.problem(item.line, fields.where() + ": '" + item.key + "' cannot be set",
                     "letters, digits and _; names that begin with BDRMESH_ are ours");
    } else if (item.type != ConfigNode::Type::text || !is_source(item.text)) {
      fields.problem(item.line, fields.where() + ": '" + item.key + "' names no source",
                     kSourceHint);
    } else {
      hook.env[item.key] = SecretSource{item.text};
    }
  }
}

/// Either a program or a URL, with what goes only with it.
void read_target(ConfigFields& fields, HookSpec& hook) {
  for (const ConfigNode* word :
       fields.has("run") ? fields.texts("run") : std::vector<const ConfigNode*>{})
    hook.run.push_back(word->text);
  hook.url = fields.text("url").value_or("");
  hook.token = read_source(fields, "token");
  read_env(fields, hook);
  if (fields.has("run") == fields.has("url")) {
    fields.problem(fields.line(), fields.where() + ": either 'run' or 'url' says what is run",
                   "run = [\"/usr/local/bin/program\", \"argument\"] or url = \"http://...\"");
  }
  const bool is_http = hook.url.starts_with("http://") || hook.url.starts_with("https://");
  if (!hook.url.empty() && !is_http) {
    fields.problem(fields.line_of("url"), fields.where() + ": 'url' is no http:// or https:// URL",
                   "write http://host:port/path");
  } else if (hook.url.find('@') != std::string::npos) {
    fields.problem(fields.line_of("url"), fields.where() + ": 'url' holds credentials",
                   "name the secret with token = \"file:/path\"");
  }
  if (fields.has("token") && !fields.has("url"))
    fields.problem(fields.line_of("token"), fields.where() + ": 'token' goes with 'url'",
                   "give a program its secrets with env = { NAME = \"file:/path\" }");
  if (fields.has("env") && !fields.has("run"))
    fields.problem(fields.line_of("env"), fields.where() + ": 'env' goes with 'run'",
                   "give a URL its secret with token = \"file:/path\"");
}

void read_timeout(ConfigFields& fields, HookSpec& hook) {
  const auto timeout = fields.duration("timeout");
  if (!timeout) return;
  if (*timeout < Millis{100} || *timeout > Millis{86'400'000}) {
    fields.problem(fields.line_of("timeout"), fields.where() + ": 'timeout' is out of range",
                   "from 100ms to 1d");
  }
  hook.timeout = *timeout;
}

}  // namespace

HookSpec read_hook(const ConfigNode& table, const std::string& where, ConfigResult& result) {
  ConfigFields fields(table, where + ": hook", result);
  HookSpec hook;
  for (const ConfigNode* kind :
       fields.texts("on", "name the kinds of operations, such as [\"ddl.run\"]"))
    hook.on.push_back(kind->text);
  hook.stage = fields.text("stage", "name a stage of the plan (see --dry-run), or start or end")
                   .value_or("");
  read_when(fields, hook);
  read_on_failure(fields, hook);
  read_target(fields, hook);
  read_timeout(fields, hook);
  fields.finish();
  return hook;
}

}  // namespace bdrmesh
