#!/usr/bin/env bash
# Installs what configs/packages.txt lists and this machine has not. Says what it installs; asks for nothing when all is
# there. What is marked `optional` is tried too, and nothing fails without it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

missing=()
optional=()
while read -r package kind; do
  case $package in ''|'#'*) continue ;; esac
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] && continue
  if [ "$kind" = optional ]; then optional+=("$package"); else missing+=("$package"); fi
done <"$here/packages.txt"
[ $((${#missing[@]} + ${#optional[@]})) -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    if [ ${#missing[@]} -eq 0 ]; then
      echo "Tests that want ${optional[*]} will be skipped; to install: bash configs/install-packages.sh as root" >&2
      exit 0
    fi
    echo "These Debian packages are missing, and installing them needs root or sudo:" >&2
    printf '  %s\n' "${missing[@]}" >&2
    echo "Run once as root: bash configs/install-packages.sh" >&2
    exit 3
  fi
  as_root=(sudo)
fi

install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

echo "Installing Debian packages: ${missing[*]} ${optional[*]}" >&2
if [ ${#missing[@]} -gt 0 ]; then
  "${as_root[@]}" apt-get update -qq
  install "${missing[@]}"
fi
if [ ${#optional[@]} -gt 0 ]; then
  { "${as_root[@]}" apt-get update -qq && install "${optional[@]}"; } ||
    echo "Tests that want ${optional[*]} will be skipped: they could not be installed" >&2
fi
