#!/usr/bin/env bash
# Fails where a source is not as clang-format leaves it, or has a line of more than 100 columns
# (clang-format breaks no texts). To mend: clang-format-14 -i FILE.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t files < <(find apps dne fuzz tests -name '*.h' -o -name '*.cc' -o -name '*.cu')
clang-format-14 --dry-run --Werror "${files[@]}"
awk 'length > 100 { print FILENAME ":" FNR ": more than 100 columns"; bad = 1 } END { exit bad }' \
  "${files[@]}"
echo "check_format: ${#files[@]} files are as they should be"
