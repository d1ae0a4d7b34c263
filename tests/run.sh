#!/usr/bin/env bash
# Installs missing packages, builds everything and runs all tests. Arguments go to ctest, for instance: -R gate
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${BDR_PRESET:-dev}
build="$root/build/$preset"

bash "$root/configs/install-packages.sh"
cd "$root"
[ -f "$build/build.ninja" ] || cmake --preset "$preset"
cmake --build "$build" --target all headers_alone
cd "$build"
exec ctest --output-on-failure --parallel "$(nproc)" --timeout 300 "$@"
