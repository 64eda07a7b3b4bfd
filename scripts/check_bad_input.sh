#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/check_bad_input.sh
#
# Holds docs/bad_input.md against the tree: each row's last column names tests that exist, each section
# a header that exists, and each header that refuses something has a section.
#
#   --help   this text
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for argument in "$@"; do
  case $argument in
    --help | -h)
      usage
      exit 0
      ;;
    *) fail "unknown argument $argument" ;;
  esac
done

cd "$root"
table=docs/bad_input.md
bad=0
complain() {
  printf '%s: %s\n' "$table" "$*" >&2
  bad=$((bad + 1))
}

# test_exists ROOM/NAME: as ctest names it.
test_exists() {
  local room=${1%%/*} name=${1#*/}
  case $room in
    compile_fail) [[ -f tests/compile_fail/$name.cpp ]] ;;
    no_exceptions) grep -qF "{\"$name\"," tests/no_exceptions/no_exceptions.cpp ;;
    *) grep -rqF --include='*_test.cpp' "\"$name\"" "tests/$room" 2>/dev/null ;;
  esac
}

# The names between backticks in the last column.
tests=$(awk -F'|' '/^\| / && !/^\| call / { print $(NF - 1) }' "$table" | grep -oE "\`[^\`]+\`" |
  tr -d "\`")
while IFS= read -r name; do
  test_exists "$name" || complain "there is no test '$name'"
done <<<"$tests"
rows=$(grep -cE '^\| ' "$table")
named=$(awk -F'|' '/^\| / && $(NF - 1) ~ /`/' "$table" | wc -l)
headings=$(grep -c '^| call ' "$table")
((rows == named + headings)) || complain "$((rows - named - headings)) rows name no test"

# header_of SECTION: where it lies.
header_of() {
  find include/gradsieve cuda/include/gradsieve adapters/*/include/gradsieve -path "*/gradsieve/$1"
}
while IFS= read -r section; do
  [[ -n $(header_of "$section") ]] || complain "there is no header '$section'"
done < <(sed -n 's/^## //p' "$table")
while IFS= read -r header; do
  section=${header##*include/gradsieve/}
  grep -qxF "## $section" "$table" || complain "$section refuses something and has no section"
done < <(grep -rlE --include='*.hpp' 'fail<[a-z_]+>\(' include adapters)

((bad == 0)) || fail "$bad complaints"
say "All $named rows of $table name tests that exist, and no header is missing."
