#include "app/cli/command/invocation.h"
#include "app/cli/completion/candidates.h"

namespace bdrmesh {
namespace {

// Each asks the program itself, which knows the commands of its own version. An answer of one line
// `:files` hands over to the shell. Bash splits words at `=` and `:`, so they are joined again.

constexpr const char* kBash =
    R"SH(# bash completion of bdrmesh; load with: source <(bdrmesh completion bash)
_bdrmesh() {
  local -a words=()
  local word glued='' begun=''
  local i
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then
      [[ ${#words[@]} -gt 0 ]] && words[${#words[@]}-1]+='=' && glued=1
    elif [[ -n $glued ]]; then
      words[${#words[@]}-1]+=$word
      glued=''
    else
      words+=("$word")
    fi
  done
  COMPREPLY=()
  local found
  while IFS= read -r found; do
    if [[ $found == ':files' ]]; then
      compopt -o default 2>/dev/null
    elif [[ -n $found ]]; then
      begun=${words[${#words[@]}-1]}
      [[ $begun == --*=* ]] && found=${found#*=}
      COMPREPLY+=("$found")
    fi
  done < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null)
}
complete -F _bdrmesh bdrmesh
)SH";

constexpr const char* kZsh = R"SH(#compdef bdrmesh
# zsh completion of bdrmesh; put it as _bdrmesh into a folder of $fpath, or load it with:
# source <(bdrmesh completion zsh)
_bdrmesh() {
  local -a found
  found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "${found[1]}" == ':files' ]]; then
    _files
  elif [[ -n "${found[1]}" ]]; then
    compadd -- "${found[@]}"
  fi
}
if [[ "${funcstack[1]}" == '_bdrmesh' ]]; then _bdrmesh "$@"; else compdef _bdrmesh bdrmesh; fi
)SH";

constexpr const char* kFish =
    R"SH(# fish completion of bdrmesh; load with: bdrmesh completion fish | source
function __bdrmesh_complete
  set -l typed (commandline -opc)
  set -l begun (commandline -ct)
  set -l found ($typed[1] complete -- $typed[2..-1] "$begun" 2>/dev/null)
  if test "$found[1]" = ':files'
    __fish_complete_path "$begun"
  else
    printf '%s\n' $found
  end
end
complete -c bdrmesh -f -a '(__bdrmesh_complete)'
)SH";

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  throw usage_error("there is no completion for '" + shell + "'", "one of: bash, zsh, fish");
}

}  // namespace bdrmesh
