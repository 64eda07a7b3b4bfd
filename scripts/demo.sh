#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/demo.sh [--out DIR] [--quick] [options of the demo]
#
# Installs what the demo needs (Debian and its relatives), builds it for this machine, trains small
# networks on Fashion-MNIST with and without selection, and writes a report with plots.
#
#   --out DIR   where the report goes; build/demo-report unless given
#   --quick     a smaller run, under a minute after the build
#   --help      this text, followed by the demo's own options once it is built
#
# Every other option goes to the demo, for instance --method, --seeds or --study.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

demo=$root/build/demo/bin/eigen_mlp
out=$root/build/demo-report
arguments=()
while (($#)); do
  case $1 in
    --help | -h)
      usage
      if [[ -x $demo ]]; then
        printf '\n'
        "$demo" --help
      fi
      exit 0
      ;;
    --out)
      (($# > 1)) || fail "--out needs a folder"
      out=$2
      shift
      ;;
    --out=*) out=${1#--out=} ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
[[ $out == /* ]] || out=$PWD/$out

# The caller's folder stays the current one, so that paths among the options mean what they say.
caller=$PWD
cd "$root"
need "${build_tools[@]}" "${demo_packages[@]}"
configure demo
build demo --target eigen_mlp
cd "$caller"

"$demo" --out "$out" "${arguments[@]}" || fail "step 'train' failed, see its messages above"
if [[ -e $out/report.html ]]; then
  say "The report is in $out/report.html"
fi
