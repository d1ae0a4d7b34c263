#!/usr/bin/env bash
# The program as shells see it: exit codes of what never reaches a daemon, refusals as text and as JSON, and completion
# in bash, zsh and fish (those that are installed).
# usage: command_line_test.sh BDRMESH EXAMPLE.toml
set -uo pipefail
bdrmesh=$1 example=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/bdrmesh-cli.XXXXXX")
trap 'rm -rf "$work"' EXIT
ln -s "$bdrmesh" "$work/bdrmesh"
export PATH="$work:$PATH" HOME="$work"
unset BDRMESH_SERVER BDRMESH_CONFIG NO_COLOR
nobody=http://127.0.0.1:1 # nothing listens there
failed=0

fail() { echo "FAILED: $*" >&2; failed=1; }

ends() { # CODE ARGUMENTS...: runs it, keeps both outputs
  local wanted=$1 code=0
  shift
  bdrmesh "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
  [ "$code" -eq "$wanted" ] || fail "bdrmesh $*: exit code $code, not $wanted: $(cat "$work/err")"
}
says() { grep -qF -- "$1" "$work/err" || fail "standard error lacks '$1': $(cat "$work/err")"; }
prints() { grep -qF -- "$1" "$work/out" || fail "standard output lacks '$1': $(cat "$work/out")"; }

ends 0 --version
ends 0 --help; prints 'group apply'
ends 0 op skip --help; prints 'example:'
ends 2; says 'which command?'
ends 2 gruop plan; says "did you mean 'group'?"
ends 2 op list --stat blocked; says "did you mean '--state'?"
ends 2 group apply; says 'GROUP is missing'
ends 2 config check "$work/nothing.toml"; says 'CONFIG_UNREADABLE'
ends 2 config check "$work"; says 'CONFIG_UNREADABLE'
ends 2 repair apply "$work" --server $nobody; says 'FILE_UNREADABLE'
echo 'no json' >"$work/repair.json"
ends 2 repair apply "$work/repair.json" --server $nobody; says 'is no repair'
ends 2 group apply orders --wait --no-wait --server $nobody; says 'exclude each other'
ends 0 config check "$example"
ends 2 state compact "$work/nothing.db"; says '--older-than is missing'
ends 2 state compact "$work/nothing.db" --older-than soon; says 'duration'
ends 3 status --server $nobody; says 'NO_DAEMON'; says 'bdrmesh serve'
ends 2 ddl classify --tidb-version v8.5.1 "$work/nothing.sql"; says 'FILE_UNREADABLE'
ends 3 group apply orders -o json --server $nobody
python3 - "$work/err" <<'PY' || fail 'the refusal is no JSON'
import json, sys
problem = json.load(open(sys.argv[1]))
assert problem["code"] == "NO_DAEMON" and problem["exit_code"] == 3 and problem["remedy"], problem
PY
ends 3 status --server $nobody --color always; says $'\e[31mrefused\e[0m'
NO_COLOR=1 ends 3 status --server $nobody; ! grep -q $'\e' "$work/err" || fail 'colours in spite of NO_COLOR'
ends 3 support bundle --to "$example" --server $nobody; says 'BUNDLE_EXISTS'
ends 0 support bundle --to "$work/b.tgz" --server $nobody --config "$example"
tar -tzf "$work/b.tgz" | grep -q bdrmesh-support/config.json || fail 'no configuration in the bundle'

# Completion. What each shell offers for a line, one word a line.
in_bash() {
  bash --norc --noprofile -c '
    source <(bdrmesh completion bash)
    read -ra COMP_WORDS <<<"$1"
    [[ $1 == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _bdrmesh
    printf "%s\n" "${COMPREPLY[@]}"' bash "$1"
}
in_zsh() { # compadd writes down what it is given
  zsh -f -c '
    compdef() { :; }
    compadd() { shift; print -l -- "$@"; }
    _files() { print -- files; }
    source <(bdrmesh completion zsh)
    words=(${(z)1}); [[ $1 == *" " ]] && words+=("")
    CURRENT=${#words}
    _bdrmesh' zsh "$1"
}
in_fish() { fish --no-config -c 'bdrmesh completion fish | source; complete -C $argv[1]' -- "$1"; }

offers() { # SHELL LINE WORD
  local found
  found=$("in_$1" "$2" 2>"$work/err")
  grep -qx -- "$3" <<<"$found" || fail "$1 does not offer '$3' for '$2' but: $found $(cat "$work/err")"
}
export BDRMESH_CONFIG=$example BDRMESH_SERVER=$nobody
for shell in bash zsh fish; do
  if ! command -v $shell >/dev/null; then
    echo "$shell is not installed: its completion is not tried"
    continue
  fi
  offers $shell 'bdrmesh gro' group
  offers $shell 'bdrmesh group pl' plan
  offers $shell 'bdrmesh group apply ' orders
  offers $shell 'bdrmesh link show orders ' east
  offers $shell 'bdrmesh ddl run --gr' --group
  offers $shell 'bdrmesh op list --state bl' blocked
done
started=$(date +%s%N)
[ -z "$(bdrmesh complete -- op show '' 2>&1)" ] || fail 'completion is not silent without a daemon'
[ $((($(date +%s%N) - started) / 1000000)) -lt 5000 ] || fail 'completion waits for a daemon that is away'
[ "$(bdrmesh complete -- config check '')" = ':files' ] || fail 'files are not left to the shell'

[ $failed -eq 0 ] && echo 'the command line is as the shells expect it'
exit $failed
