#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/format.sh [--check] [FILE...]
#
# Formats all C++ files (or those given) with clang-format 14; other versions differ in details.
#
#   --check   changes nothing, shows what would change and fails if there is anything
#   --help    this text
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

check=
files=()
for argument in "$@"; do
  case $argument in
    --help | -h)
      usage
      exit 0
      ;;
    --check) check=yes ;;
    -*) fail "unknown option $argument" ;;
    *) files+=("$(realpath "$argument")") ;;
  esac
done

cd "$root"
need clang-format-14:clang-format-14
if ((${#files[@]} == 0)); then
  mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.hpp' '*.cpp' '*.cu' 'tests/gpu/*.h')
fi
if [[ -z $check ]]; then
  clang-format-14 -i "${files[@]}"
  exit 0
fi

# Not --dry-run: version 14 complains there about the end of every inline namespace.
bad=0
for file in "${files[@]}"; do
  clang-format-14 "$file" | diff --unified --label "$file" --label formatted "$file" - ||
    bad=$((bad + 1))
done
((bad == 0)) || fail "$bad of ${#files[@]} files are not formatted; run scripts/format.sh"
