#!/usr/bin/env bash
# Builds bdrmesh and its lab, starts three imitated TiDB clusters and the daemon, makes a mesh of them, drops a column on all
# three behind a write pause while applications write, proves it, and leaves everything running until Ctrl-C.
#   --exit   end by itself after the proof; the exit status says whether all of it held
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build="$root/build/release"
leave_running=1
case ${1:-} in
  '') ;;
  --exit) leave_running=0 ;;
  *) echo "usage: bash configs/demo.sh [--exit]" >&2; exit 2 ;;
esac

bash "$root/configs/install-packages.sh"
cd "$root"
[ -f "$build/build.ninja" ] || cmake --preset release
cmake --build "$build" --target bdrmesh bdrmesh-lab

work=$(mktemp -d "${TMPDIR:-/tmp}/bdrmesh-demo.XXXXXX")
lab="$work/lab"
mesh="$build/bdrmesh"
labctl="$build/bdrmesh-lab"
started=$(date +%s.%N)
daemon_pid='' load_pid='' lab_pid=''

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
run() { printf '$ %s\n' "${*//$build\//}"; "$@"; }
elapsed() { awk -v a="$started" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }'; }

end_of() { # PID: asks it to end and waits until it has
  [ -n "$1" ] && kill "$1" 2>/dev/null && wait "$1" 2>/dev/null
  return 0
}
finish() {
  local status=$?
  trap - EXIT INT TERM
  end_of "$load_pid"; end_of "$daemon_pid"; end_of "$lab_pid"
  if [ "$status" -ne 0 ] && [ "$status" -ne 130 ]; then
    echo "The demo failed (status $status). What daemon and lab said last:" >&2
    tail -n 15 "$work"/*.log >&2 || true
    echo "Their logs stay in $work" >&2
  else
    rm -rf "$work"
  fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

wait_for() { # WHAT SECONDS COMMAND...: polls until the command succeeds
  local what=$1 until=$((SECONDS + $2)); shift 2
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$until" ]; then echo "waited too long for $what" >&2; return 1; fi
    sleep 0.05
  done
}
row_has_arrived() { # CLUSTER ID
  "$labctl" sql --dir "$lab" -o json "$1" "SELECT origin FROM app.orders WHERE id = $2" | grep -q demo
}

say "A lab of three clusters: east, west, south"
"$labctl" up --clusters 3 --names east,west,south --dir "$lab" --with-parent >"$work/lab.log" 2>&1 &
lab_pid=$!
wait_for "the lab" 30 "$labctl" status --dir "$lab"
run "$labctl" status --dir "$lab"

say "The daemon"
"$mesh" serve --config "$lab/bdrmesh.toml" --port-file "$work/port" >"$work/daemon.log" 2>&1 &
daemon_pid=$!
wait_for "the daemon" 20 test -s "$work/port"
export BDRMESH_SERVER="http://127.0.0.1:$(cat "$work/port")"

say "Three clusters become one mesh"
run "$mesh" group apply orders -o table

say "A row written on each cluster arrives on the two others"
id=900000000
for from in east west south; do
  id=$((id + 1))
  "$labctl" sql --dir "$lab" "$from" \
    "INSERT INTO app.orders (id, origin, note, amount, created) VALUES ($id, 'demo', 'from $from', 1.00, NOW(3))" >/dev/null
  for to in east west south; do
    [ "$from" = "$to" ] && continue
    wait_for "the row of $from on $to" 20 row_has_arrived "$to" "$id"
    echo "row $id: $from -> $to arrived"
  done
done

say "Applications write on all clusters; meanwhile a column is dropped everywhere"
"$labctl" load --dir "$lab" --config "$lab/bdrmesh.toml" --ledger "$work/ledger.jsonl" >"$work/load.log" 2>&1 &
load_pid=$!
wait_for "the first commits" 20 grep -q commit "$work/ledger.jsonl"
run "$mesh" ddl run --group orders --statement "ALTER TABLE app.orders DROP COLUMN note" -o table
operation=$("$mesh" op list -o json | grep -o '"id": *"[^"]*"' | head -n 1 | cut -d '"' -f 4)
sleep 1 # a second of writing on the new schema
end_of "$load_pid"; load_pid=''

say "What the applications were told, compared with every cluster"
"$mesh" op show "$operation" -o json >"$work/operation.json"
run "$labctl" load check --dir "$lab" --config "$lab/bdrmesh.toml" --ledger "$work/ledger.jsonl" --window "$work/operation.json"

say "The proof: a marker over every link"
run "$mesh" verify run --group orders --level links -o table
run "$mesh" status -o table

say "Done in $(elapsed) s"
if [ "$leave_running" -eq 1 ]; then
  cat <<TEXT
Everything is running. In another terminal, type:

  export BDRMESH_SERVER=$BDRMESH_SERVER
  cd '$build'
  ./bdrmesh status                       one screen, one verdict
  ./bdrmesh op show $operation           what the schema change did, and where its point of no return was
  ./bdrmesh link list                    the six changefeeds
  ./bdrmesh ddl run --group orders --dry-run --statement "ALTER TABLE app.orders ADD UNIQUE INDEX u (origin, id)"
  ./bdrmesh-lab fault list --dir '$lab'  make something go wrong, and run it again
  ./bdrmesh-lab sql --dir '$lab' east "SELECT COUNT(*) FROM app.orders"

Ctrl-C here ends all of it.
TEXT
  wait "$lab_pid" || true
fi
