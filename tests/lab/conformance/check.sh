#!/usr/bin/env bash
# Compares the table of what the lab imitates (lines.tsv) with the tests and with docs/lab-conformance.md. With --write it
# writes that page anew.
set -euo pipefail
root=$1
tests=$root/tests
table=$tests/lab/conformance/lines.tsv
page=$root/docs/lab-conformance.md
bad=0

names=$(grep -rhoE '^(TEST|TEST_F|TEST_P)\([A-Za-z0-9_]+,[[:space:]]*[A-Za-z0-9_]+' "$tests/lab" "$tests/unit/lab" --include='*.cc' | sed -E 's/.*,[[:space:]]*//')
while IFS=$'\t' read -r number rule verdict missing; do
  case $number in '#'* | '') continue ;; esac
  [ "$verdict" = imitated ] || [ -n "$missing" ] || { echo "$number: says '$verdict' and not what is missing"; bad=1; }
  [ "$verdict" = not ] && continue
  grep -q "^${number}_" <<<"$names" || { echo "$number: no test is named after it ($rule)"; bad=1; }
done <"$table"

while read -r number; do
  grep -q "^$number"$'\t' "$table" || { echo "a test is named after $number, which is no line of the table"; bad=1; }
done < <(grep -oE '^[TS][0-9]{2}_' <<<"$names" | tr -d _ | sort -u)

write_page() {
  echo '# What the lab imitates'
  echo
  echo 'One line per rule that the lab owes to real servers, whether it keeps it, and what is missing. T: TiCDC'"'"'s API and'
  echo 'replication, S: SQL and PD, N: not imitated at all. Each line that is kept has tests in `tests/lab` whose names begin with its'
  echo 'number. The page is made from `tests/lab/conformance/lines.tsv`; a test compares them.'
  echo
  echo '| Line | Rule | Imitated | Missing |'
  echo '| --- | --- | --- | --- |'
  while IFS=$'\t' read -r number rule verdict missing; do
    case $number in '#'* | '') continue ;; esac
    case $verdict in imitated) verdict=yes ;; not) verdict=no ;; esac
    echo "| $number | $rule | $verdict | $missing |"
  done <"$table"
}
if [ "${2:-}" = --write ]; then
  write_page >"$page"
elif ! diff <(write_page) "$page" >/dev/null; then
  echo "docs/lab-conformance.md differs from lines.tsv: bash tests/lab/conformance/check.sh . --write"
  bad=1
fi
[ $bad -eq 0 ] && echo "$(grep -cE '^[TS][0-9]' "$table") lines, each with its test"
exit $bad
