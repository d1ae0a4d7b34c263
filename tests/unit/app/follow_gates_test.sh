#!/bin/sh
# configs/proxysql/follow-gates, with a stand-in for ProxySQL's admin interface and one for the manager: what it changes for each
# answer, and that it changes nothing without one. Argument: the source directory.
set -eu
script=$1/configs/proxysql/follow-gates
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin"

# The admin interface: east is ONLINE, west OFFLINE_SOFT; every change is kept in a file.
cat > "$dir/bin/mysql" <<'STUB'
#!/bin/sh
for sql; do :; done
case $sql in
'SELECT DISTINCT comment'*) printf 'east\nwest\nnot a name\n' ;;
*"COUNT(*)"*"'east'"*"'ONLINE'"* | *"COUNT(*)"*"'west'"*"'OFFLINE_SOFT'"*) echo 1 ;;
*"COUNT(*)"*) echo 0 ;;
*) echo "$sql" >> "$CHANGES" ;;
esac
STUB
# The manager: answers with $ANSWER, or not at all.
cat > "$dir/bin/curl" <<'STUB'
#!/bin/sh
[ -n "$ANSWER" ] || exit 7
echo "$ANSWER"
STUB
chmod +x "$dir/bin/mysql" "$dir/bin/curl"

changed_by() {
  : > "$dir/changes"
  CHANGES=$dir/changes ANSWER=$1 PATH=$dir/bin:$PATH "$script" /dev/null
  cat "$dir/changes"
}
expect() {
  got=$(changed_by "$2")
  [ "$got" = "$3" ] || { printf '%s: expected\n%s\ngot\n%s\n' "$1" "$3" "$got" >&2; exit 1; }
}

expect 'the gate is closed' '{"age_ms":5,"reason":"gate closed","writable":false}' \
  "UPDATE mysql_servers SET status = 'OFFLINE_SOFT' WHERE comment = 'east' AND status = 'ONLINE'
LOAD MYSQL SERVERS TO RUNTIME"
expect 'the gate is open' '{"age_ms":5,"reason":"gate open","writable":true}' \
  "UPDATE mysql_servers SET status = 'ONLINE' WHERE comment = 'west' AND status = 'OFFLINE_SOFT'
LOAD MYSQL SERVERS TO RUNTIME"
expect 'the manager has just started' '{"age_ms":null,"reason":"not asked yet","writable":false}' ''
expect 'the manager sees nothing' '{"age_ms":20000,"reason":"our knowledge is too old","writable":false}' ''
expect 'the manager is away' '' ''
echo passed
