#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/bench.sh [--quick] [--out DIR] [Google Benchmark options]
#
# Installs what the benchmarks need, builds them below build/bench, and runs them one after another.
# Leave the machine alone meanwhile.
#
#   --quick     one short repetition of each, to see that they work
#   --out DIR   where <name>.json of each program goes; build/bench-results unless given
#   --help      this text
#
# Everything else goes to each program, for instance --benchmark_filter=pick.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

out=$root/build/bench-results
options=(--benchmark_repetitions=5 --benchmark_report_aggregates_only=true)
arguments=()
while (($#)); do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --quick) options=(--benchmark_min_time=0.01) ;;
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

cd "$root"
need "${build_tools[@]}" libbenchmark-dev
configure bench
build bench
mkdir -p "$out"
for benchmark in build/bench/bin/*_bench; do
  [[ -x $benchmark ]] || fail "there is no benchmark in build/bench/bin"
  name=$(basename "$benchmark")
  say "$name"
  "$benchmark" "${options[@]}" "${arguments[@]}" --benchmark_out_format=json \
    --benchmark_out="$out/$name.json" || fail "step '$name' failed"
done
say "Results are in $out"
