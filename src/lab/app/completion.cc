#include "lab/app/completion.h"

#include <algorithm>

#include "base/error.h"
#include "lab/app/control.h"
#include "lab/app/run_directory.h"
#include "lab/fault/fault_catalogue.h"

namespace bdrmesh::lab::app {
namespace {

constexpr const char* kBash = R"(_bdrmesh_lab() {
  local IFS=$'\n'
  COMPREPLY=($(bdrmesh-lab complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _bdrmesh_lab bdrmesh-lab
)";

constexpr const char* kZsh = R"(#compdef bdrmesh-lab
_bdrmesh_lab() {
  local -a found
  found=("${(@f)$(bdrmesh-lab complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -- $found; else _files; fi
}
compdef _bdrmesh_lab bdrmesh-lab
)";

constexpr const char* kFish = R"(function __bdrmesh_lab
  set -l typed (commandline -opc) (commandline -ct)
  bdrmesh-lab complete -- $typed[2..-1] 2>/dev/null
end
complete -c bdrmesh-lab -a '(__bdrmesh_lab)'
)";

using Words = std::vector<std::string>;

const Words& commands() {
  static const Words all{"up", "status", "sql", "fault", "play", "load", "down", "completion"};
  return all;
}

Words options_of(const std::string& command) {
  if (command == "up") {
    return {"--clusters", "--names",      "--profile",      "--real-times",
            "--dir",      "--config-out", "--sysvar-delay", "--with-parent"};
  }
  if (command == "play") {
    return {"random", "--dir",  "--ledger",   "--check",   "--seed",
            "--for",  "--rate", "--clusters", "--profile", "--losses-too"};
  }
  if (command == "load") {
    return {"check",        "--dir",  "--config", "--ledger",      "--seconds", "--writers",
            "--rate",       "--seed", "--user",   "--hot",         "--long",    "--ddl-per-minute",
            "--shared-hot", "--wait", "--window", "--windows-only"};
  }
  if (command == "sql") return {"--server", "--user", "--dir", "--json"};
  return {"--dir", "--json"};
}

/// Names of the lab's clusters and parts are known to the lab itself.
Words fault_words(const std::filesystem::path& directory, const Words& typed) {
  try {
    const Json answer = ask_lab(require_lab(directory).control_socket(),
                                {{"command", "complete"}, {"words", typed}});
    return get_required<Words>(answer, "words");
  } catch (const Error&) {
    return fault::completions(typed, {});
  }
}

Words cluster_names(const std::filesystem::path& directory) {
  return fault_words(directory, {"kill"});
}

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  throw Error(ErrorKind::invalid, "BAD_OPTION", "no completion for '" + shell + "'",
              "one of: bash, zsh, fish");
}

Words complete(const std::filesystem::path& directory, const Words& words) {
  const std::string begun = words.empty() ? "" : words.back();
  Words all;
  if (words.size() <= 1) {
    all = commands();
  } else if (begun.starts_with("-")) {
    all = options_of(words[0]);
  } else if (words[0] == "fault") {
    all = fault_words(directory, {words.begin() + 1, words.end() - 1});
  } else if (words[0] == "sql" && words.size() == 2) {
    all = cluster_names(directory);
  } else if (words[0] == "completion") {
    all = {"bash", "zsh", "fish"};
  } else if (words[0] == "play" && words.size() == 2) {
    all = {"random"};
  } else if (words[0] == "load" && words.size() == 2) {
    all = {"check"};
  }
  std::erase_if(all, [&begun](const std::string& one) { return !one.starts_with(begun); });
  return all;
}

}  // namespace bdrmesh::lab::app
