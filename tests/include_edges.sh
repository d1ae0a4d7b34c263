#!/usr/bin/env bash
# Compares every include between folders of src/ with the edges that the layout allows. Linking cannot stop a stray include.
set -euo pipefail
src=$1
declare -A allowed=(
  [base]=""
  [model]="base"
  [store]="base model"
  [clients]="base model"
  [mesh]="base model clients"
  [gate]="base model clients mesh"
  [ddl]="base model"
  [verify]="base model clients mesh gate ddl"
  [doctor]="base model clients mesh gate ddl verify"
  [engine]="base store"
  [flows]="base model store clients mesh gate ddl verify doctor engine"
  [api]="base model store mesh engine flows"
  [app]="base model store clients mesh gate ddl verify doctor engine flows api"
  [lab]="base model"
)
bad=0
while IFS=: read -r file line text; do
  from=${file#"$src"/}; from=${from%%/*}
  to=${text#*\"}; to=${to%%/*}
  [ "$from" = "$to" ] && continue
  [ -n "${allowed[$to]+known}" ] || continue
  case " ${allowed[$from]} " in
    *" $to "*) ;;
    *) echo "$file:$line: $from/ must not include $to/"; bad=1 ;;
  esac
done < <(grep -rnE '^#include "[a-z_]+/' "$src" --include='*.h' --include='*.cc')
count=$(grep -rlE '^#include' "$src" --include='*.h' --include='*.cc' | wc -l)
[ "$count" -gt 20 ] || { echo "only $count sources seen below $src"; exit 1; }
[ $bad -eq 0 ] && echo "includes of $count files keep to the edges"
exit $bad
