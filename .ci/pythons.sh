#!/usr/bin/env bash
# The lock and the tests under each Python that Equipoise promises and that is on this machine:
#   .ci/pythons.sh [pytest arguments]
# For a Python that isn't here it asks whether each pin has a wheel. Environments are .venv-3.X.
set -euo pipefail
cd "$(dirname "$0")/.."
tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(tests/core/data tests/core/learning tests/core/fairness tests/core/privacy)
# Pins that are published as source alone, in pure Python.
sources='^lime=='
failed=()

# The one on the path, or else pyenv's newest of that version, which is on no path by itself.
interpreter() {
  local found
  for found in "python$1" $(ls -dv "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python 2>/dev/null | tac); do
    "$found" --version >/dev/null 2>&1 && { echo "$found"; return; }
  done
  return 0
}

for version in 3.11 3.12 3.13 3.14; do
  echo "== Python $version"
  here=$(interpreter "$version")
  if [ -n "$here" ]; then
    "$here" --version
    [ -x ".venv-$version/bin/python" ] || "$here" -m venv ".venv-$version"
    python=".venv-$version/bin/python"
    "$python" -m pip install -q -r requirements-dev.txt
    "$python" -m pip check
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 "$python" -m pytest -q -n 2 --dist loadscope \
      -p no:cacheprovider "${tests[@]}" || failed+=("$version")
  else
    echo "not on this machine: only the wheels of the pins are looked for"
    grep -v "$sources" requirements.txt | .venv/bin/python -m pip install -q --dry-run --no-deps \
      --python-version "$version" --only-binary=:all: --target "$(mktemp -d)" -r /dev/stdin \
      || failed+=("$version")
  fi
done
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}"; exit 1; }
