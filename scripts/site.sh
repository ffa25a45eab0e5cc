#!/usr/bin/env bash
# Builds the documentation as a site, build/site/README.html, and fails on a link that leads nowhere.
#   scripts/site.sh [PYTHON]    one that has mkdocs and mkdocstrings (tests/oracle/requirements.txt);
#                               build/oracle-venv/bin/python by default
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-build/oracle-venv/bin/python}
pages=build/site-pages

# Pages, and the files that they link to, as they lie in the repository.
rm -rf "$pages"
mkdir -p "$pages"
git ls-files | tar --create --files-from=- | tar --extract --directory="$pages"
{
  echo "# dne, class by class"
  for name in ES PGPE SNES NSES NSRES NSRAES GA GANS RandomSearch SteadyStateGA MapElites AskTell Generation \
    run resume Run Policy; do
    printf '\n::: dne.%s\n' "$name"
  done
} >"$pages/api.md"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! "$python" -m mkdocs build --strict >"$log" 2>&1; then
  grep -v '^INFO' "$log" >&2
  exit 1
fi
echo "site: build/site/README.html"
