#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/claims.sh [--page] [options of the demo]
#
# Measures what the paper of Selective-Backprop claims, on the demo's network: low losses mean small
# gradients, wrong labels are what the highest losses are, cached losses save selection forwards; and
# how the learning rates of the demo's methods were chosen. Runs the demo's studies, about a quarter
# of an hour on two cores, and writes docs/claims: a page and its pictures.
#
#   --page   only writes the page anew, from the reports that are there
#   --help   this text
#
# Every other option goes to each study, for instance --quick, --seeds or --threads.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

reports=$root/build/claims
page=$root/docs/claims
studies=(gradient-norm labels stale grid)
# What the grid is asked where the caller asks nothing, as for the rates that the demo uses.
grid=(--epochs 7 --seeds 1 2 --method uniform plan skip sb)
run=yes arguments=()
for argument in "$@"; do
  case $argument in
    --help | -h)
      usage
      exit 0
      ;;
    --page) run= ;;
    *) arguments+=("$argument") ;;
  esac
done

if [[ $run ]]; then
  for study in "${studies[@]}"; do
    own=()
    [[ $study != grid || ${#arguments[@]} -gt 0 ]] || own=("${grid[@]}")
    "$root/scripts/demo.sh" --study "$study" --out "$reports/$study" --threads "$jobs" "${own[@]}" \
      "${arguments[@]}"
  done
fi

# section STUDY: the study's own tables, their titles above them.
section() {
  awk '/^## Environment/ { exit } /^## (Methods|Speed-up)/ { shown = 0; next }
       /^## / { shown = 1; print "\n_" substr($0, 4) "_"; next } shown' "$reports/$1/summary.md"
}

rm -rf "$page"
mkdir -p "$page"
for study in "${studies[@]}"; do
  [[ -f $reports/$study/summary.md ]] || fail "there is no $reports/$study/summary.md; run without --page"
  find "$reports/$study" -maxdepth 1 -name "$study*.svg" -exec cp {} "$page/" \;
done
{
  cat <<'END'
# The claims of Selective-Backprop's paper, measured here

Jiang et al., "Accelerating Deep Learning by Focusing on the Biggest Losers", 2019, makes three
observations that selection rests on. `./scripts/claims.sh` repeats them on the demo's network
(Fashion-MNIST, a perceptron) and wrote this page.

`uniform` is plain SGD; `sb` is Selective-Backprop as published, with a forward pass to select by;
`stale-sb` selects by losses of up to some epochs ago; `plan` plans each epoch from the losses of the last;
`skip` leaves out the backward pass of the lowest losses of a batch; `band` spares the fifth of the losses
that is highest, before the batch, and `band-reuse` within it.

## A low loss means a small gradient

The claim: the loss, which a forward pass gives, stands for the norm of the example's gradient, which would
take a backward pass.

![Loss against gradient norm](gradient-norm.svg)
END
  section gradient-norm
  cat <<'END'

## Wrong labels

The claim: selection by loss is robust to some wrong labels, though more of those selected are wrong. A band
leaves out a fifth whatever the share of wrong labels, so below that it leaves out what is right and hard.

![Test error](labels.svg)
![Share of wrong labels among the selected](labels-selected.svg)
END
  section labels
  cat <<'END'

## Cached losses (Stale-SB)

The claim: losses may be some epochs old, which saves most selection forwards and little is lost.

![Test error against selection forwards](stale.svg)
END
  section stale
  cat <<'END'

## How the learning rates were chosen

On a tenth of the training set that is kept apart; no test image is looked at. A grid whose best rate
lies at its edge is extended, for all methods alike. An error near 90 % is a run that diverged, one near
50 % the mean of one that did and one that did not.

END
  section grid
  printf '\n## Machine and settings\n\n'
  for study in "${studies[@]}"; do
    printf '### --study %s\n' "$study"
    # The caller's paths are nobody's business.
    awk '/^## Environment/ { shown = 1; next } shown' "$reports/$study/summary.md" |
      sed "s#$reports#build/claims#g"
    printf '\n'
  done
} | cat -s >"$page/README.md"
say "docs/claims/README.md shows $reports"
