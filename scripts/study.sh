#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/study.sh [--libtorch | --only NAME...] [--side-by-side N] [--limit N] [--data DIR]
#                         [--page]
#
# Installs what the studies need (Debian and its relatives), builds them for this machine, and runs
# what the plans in examples/study/plans still miss: tuning on a hold-out first, then the finals with
# fresh seeds. One row for each run goes into docs/study/NAME/rows.jsonl; tables and plots beside it
# are made from the rows. Hours; stop it at any time, the next call goes on.
#
#   --libtorch          the plans whose trainer needs LibTorch, which are left out otherwise; brings
#                       LibTorch first (scripts/get_libtorch.sh)
#   --only NAME         this plan alone; may be repeated
#   --side-by-side N    so many runs at a time: their errors count, their seconds do not
#   --limit N           adds at most so many runs to each plan
#   --data DIR          folder of the data set, where it is not the trainer's own
#   --page              only writes the pages anew
#   --help              this text
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

plans=$root/examples/study/plans
names=() arguments=() run=(--run) libtorch=
while (($#)); do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --page) run=() ;;
    --libtorch) libtorch=yes ;;
    --only | --side-by-side | --limit | --data)
      (($# > 1)) || fail "$1 needs a value"
      case $1 in
        --only) names+=("$2") ;;
        --data) arguments+=(--flag=--data "--flag=$(realpath -- "$2")") ;;
        *) arguments+=("$1" "$2") ;;
      esac
      shift
      ;;
    *) fail "unknown option $1; see --help" ;;
  esac
  shift
done
trainer_of() { sed -n 's/^ *"trainer": "\([a-z0-9_]*\)".*/\1/p' "$plans/$1.json"; }

if ((${#names[@]} == 0)); then
  for plan in "$plans"/*.json; do
    name=$(basename "$plan" .json)
    needed=
    [[ $(trainer_of "$name") != libtorch_* ]] || needed=yes
    [[ $needed != "$libtorch" ]] || names+=("$name")
  done
fi
trainers=()
for name in "${names[@]}"; do
  [[ -f $plans/$name.json ]] || fail "there is no plan $plans/$name.json"
  trainers+=("$(trainer_of "$name")")
done

cd "$root"
need "${build_tools[@]}" "${demo_packages[@]}"
if [[ ${trainers[*]} == *libtorch_* ]]; then
  why=$(scripts/get_libtorch.sh --check 2>&1) || [[ -n ${GRADSIEVE_TORCH_ROOT:-} ]] || fail "$why"
  bring_libtorch
fi
configure demo
build demo --target study "${trainers[@]}"
for name in "${names[@]}"; do
  say "study $name"
  build/demo/bin/study "$plans/$name.json" --out "docs/study/$name" --programs build/demo/bin \
    "${run[@]}" "${arguments[@]}" || fail "the study $name stopped, see its message above"
done
