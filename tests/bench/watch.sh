#!/usr/bin/env bash
# What watching costs: a lab of 8 clusters, a mesh of 56 links, the daemon at its tick of one second. Prints the share of one core
# and the memory of the daemon over the time, and how long `status` takes.
#   usage: watch.sh BDRMESH BDRMESH_LAB [SECONDS] [CLUSTERS]
set -euo pipefail
mesh=$1 labctl=$2 span=${3:-60} clusters=${4:-8}
work=$(mktemp -d "${TMPDIR:-/tmp}/bdrmesh-watch.XXXXXX")
daemon='' lab=''
finish() {
  [ -n "$daemon" ] && kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null
  [ -n "$lab" ] && kill "$lab" 2>/dev/null && wait "$lab" 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
wait_for() { local until=$((SECONDS + $1)); shift; until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $until ]; sleep 0.1; done; }
names=$(echo north east south west alpha beta gamma delta | cut -d' ' -f1-"$clusters" | tr ' ' ',')

"$labctl" up --clusters "$clusters" --names "$names" --dir "$work/lab" --with-parent >"$work/lab.log" 2>&1 & lab=$!
wait_for 120 "$labctl" status --dir "$work/lab"
"$mesh" serve --config "$work/lab/bdrmesh.toml" --port-file "$work/port" >"$work/daemon.log" 2>&1 & daemon=$!
wait_for 30 test -s "$work/port"
export BDRMESH_SERVER="http://127.0.0.1:$(cat "$work/port")"
begun=$(date +%s%N)
"$mesh" group apply orders -o json >"$work/apply.json" || { tail -n 20 "$work/daemon.log" "$work/apply.json"; exit 1; }
echo "links $("$mesh" link list -o json | grep -c '"changefeed"'), made in $((($(date +%s%N) - begun) / 1000000)) ms"

ticks() { awk '{ print $14 + $15 }' "/proc/$daemon/stat"; }
sleep 10
first=$(ticks)
sleep "$span"
used=$(($(ticks) - first))
awk -v used="$used" -v hz="$(getconf CLK_TCK)" -v span="$span" \
  'BEGIN { printf "watching: %.2f %% of one core\n", 100 * used / hz / span }'
awk '/VmRSS|VmHWM|Threads/ { print $1, $2, $3 }' "/proc/$daemon/status"
for _ in 1 2 3 4 5; do
  begun=$(date +%s%N)
  curl -s -o /dev/null "$BDRMESH_SERVER/api/v1/status"
  echo "status in $((($(date +%s%N) - begun) / 1000)) µs"
done
"$mesh" status -o json | grep -m1 '"verdict"' || true

# A drift that somebody plants, until the daemon has told it as an event: a paused feed, looked for ten times a second.
told() { curl -s "$BDRMESH_SERVER/api/v1/events?after=$1&limit=1000" | grep -q "north-to-east[^}]*is $2"; }
newest() { curl -s "$BDRMESH_SERVER/api/v1/events?after=0&limit=10000" | grep -o '"number":[0-9]*' | tail -1 | cut -d: -f2; }
for _ in 1 2 3 4 5; do
  after=$(newest)
  "$labctl" fault --dir "$work/lab" pause-feed north east >/dev/null
  begun=$(date +%s%N)
  wait_for 60 told "$after" stopped
  echo "drift told after $((($(date +%s%N) - begun) / 1000000)) ms"
  after=$(newest)
  "$mesh" link resume orders north east >/dev/null 2>&1
  wait_for 60 told "$after" moving
done
