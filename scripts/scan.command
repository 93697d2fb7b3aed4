#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# macOS: sets up what is missing, then runs the main job; a double click in the Finder does. Arguments are those
# of `cardcheck scan`. Not run by anybody yet: see CONTRIBUTING.md.
set -euo pipefail
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
locks=("$root/requirements/build.txt" "$root/requirements/run.txt")

stop() { printf 'setup: %s\n' "$@" >&2; exit 2; }

find_python() {
  local candidate
  for candidate in python3.{14,13,12,11} python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

if [[ $(cat "$venv/.set-up-for-run" 2>/dev/null) != "$(cat "${locks[@]}" | shasum -a 256)" ]]; then
  python=$(find_python)
  [[ -n $python ]] || stop "Python 3.11 or later is needed: www.python.org, or: brew install python"
  echo "setup: setting up .venv (about half a minute)" >&2
  {
    "$python" -m venv --clear "$venv" &&
      "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "${locks[0]}" &&
      "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --no-build-isolation -r "${locks[1]}"
  } >&2 || stop "the Python packages could not be installed; what pip says stands above"
  cat "${locks[@]}" | shasum -a 256 >"$venv/.set-up-for-run"
fi
PYTHONPATH=$root/src exec "$venv/bin/python" -m cardcheck scan --or-simulate "$@"
