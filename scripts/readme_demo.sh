#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/readme_demo.sh DIR
#
# Takes a report that scripts/demo.sh wrote into DIR as the one that the README shows: copies its
# picture and its summary to docs/demo, and puts its finding and its table between the README's marks,
# so that no number there is typed by hand.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if (($# != 1)) || [[ $1 == --help || $1 == -h ]]; then
  usage
  exit $(($# == 1 ? 0 : 2))
fi
for file in error_vs_seconds.svg summary.md; do
  [[ -f $1/$file ]] || fail "$1 holds no $file; is it a report of scripts/demo.sh?"
done
mkdir -p "$root/docs/demo"
cp "$1/error_vs_seconds.svg" "$root/docs/demo/"
# The caller's paths are nobody's business.
sed 's/^| flags | .*/| flags | (none) |/' "$1/summary.md" >"$root/docs/demo/summary.md"

{
  grep -m 1 '^\*\*' "$1/summary.md"
  printf '\n'
  awk '/^\|/ { print; table = 1; next } table { exit }' "$1/summary.md"
  cat <<'END'

One run of `./scripts/demo.sh` on the machine and with the settings that
[docs/demo/summary.md](docs/demo/summary.md) names. `plan-permuted` is the control: the same plan
on losses dealt anew among the examples. The table's seconds are those of whole runs that hit the
target; the speed-up is read off the curves at equal error.
END
} | fill_readme demo
say "README.md and docs/demo show $1"
