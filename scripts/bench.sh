#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/bench.sh [--quick] [--out DIR] [--compare OLD.json] [--filter REGEX] [--record]
#        scripts/bench.sh --instructions [--record]
#
# Installs what the benchmarks need (Debian and its relatives), builds them twice, for any processor
# of this kind and for this machine's own, and measures the library and its rivals. Every benchmark
# checks its own answers; a wrong one fails the run. Leave the machine alone meanwhile: a full run
# takes about 40 minutes. Where LibTorch can be had (see scripts/get_libtorch.sh), sieves over tensors
# are measured too.
#
#   --quick             small problems only, under a minute after the build
#   --out DIR           where benchmarks.json (Google Benchmark's format), benchmarks.md and plots
#                       go; build/bench-results unless given
#   --compare OLD.json  lists what got slower since, noise excepted; the status is 1 if anything did
#   --filter REGEX      only benchmarks whose names contain it, for instance '/pick/.*N:128/'
#   --record            keeps the results of a full run in benchmarks/results and in the README's
#                       table; with --instructions, the counts
#   --instructions      counts the instructions of a few fixed cases instead, with callgrind, and
#                       fails when one takes over 3 % more than is recorded for this compiler;
#                       says so where none is
#   --help              this text
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

quick='' record='' instructions='' out='' old='' filter=''
while (($#)); do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --quick) quick=yes ;;
    --record) record=yes ;;
    --instructions) instructions=yes ;;
    --out | --compare | --filter)
      (($# > 1)) || fail "$1 needs a value"
      case $1 in
        --out) out=$2 ;;
        --compare) old=$2 ;;
        --filter) filter=$2 ;;
      esac
      shift
      ;;
    --out=*) out=${1#--out=} ;;
    --compare=*) old=${1#--compare=} ;;
    --filter=*) filter=${1#--filter=} ;;
    *) fail "unknown option $1; see --help" ;;
  esac
  shift
done
[[ -z $old || -f $old ]] || fail "there is no file $old to compare with"
[[ -z $old ]] || grep --quiet '"benchmarks"' "$old" || fail "$old is not a benchmarks.json"
[[ -z $old || $old == /* ]] || old=$PWD/$old
[[ -z $out || $out == /* ]] || out=$PWD/$out
[[ -z $instructions || -z $quick$out$old$filter ]] ||
  fail "--instructions goes with --record alone"
[[ -z $record || -z $quick$out$filter ]] ||
  fail "--record is for a full run, without --quick, --out and --filter"
cd "$root"
[[ -z $record || -n $instructions ]] || check_readme bench

results=$root/benchmarks/results
bin=$root/build/bench/bin

# count_instructions CASE
count_instructions() {
  local profile=$root/build/callgrind.out count
  valgrind --tool=callgrind --callgrind-out-file="$profile" --collect-atstart=no \
    --toggle-collect='measured*' "$bin/instruction_cases" "$1" >"$logs/callgrind.log" 2>&1 ||
    fail "callgrind failed on '$1', see $logs/callgrind.log"
  count=$(sed -n 's/^summary: //p' "$profile")
  ((count > 0)) || fail "callgrind found nothing to count in '$1'"
  printf '%s\n' "$count"
}

# check_instructions: counts all cases; compares them with the record, or becomes it.
check_instructions() {
  local recorded=$results/instructions.txt platform name count before bad=()
  platform=$("$bin/instruction_cases" --platform)
  mkdir -p "$results"
  if [[ -n $record ]]; then
    touch "$recorded"
    awk -F '\t' -v platform="$platform" '$1 != platform' "$recorded" >"$recorded.new"
    mv "$recorded.new" "$recorded"
  elif [[ -z $(awk -F '\t' -v platform="$platform" '$1 == platform' "$recorded" 2>/dev/null) ]]; then
    say "No counts are recorded for $platform, so nothing was counted or compared; --record keeps some."
    return
  fi
  while IFS= read -r name; do
    count=$(count_instructions "$name")
    before=$(awk -F '\t' -v platform="$platform" -v name="$name" \
      '$1 == platform && $2 == name { print $3 }' "$recorded" 2>/dev/null || true)
    if [[ -n $record ]]; then
      printf '%s\t%s\t%s\n' "$platform" "$name" "$count" >>"$recorded"
      printf '%-24s %13d instructions\n' "$name" "$count"
    elif [[ -n $before ]]; then
      printf '%-24s %13d instructions, %s %% of the record\n' "$name" "$count" \
        "$(awk -v now="$count" -v before="$before" 'BEGIN { printf "%.1f", 100 * now / before }')"
      ((100 * count <= 103 * before)) || bad+=("$name")
    else
      printf '%-24s %13d instructions, none recorded to compare with\n' "$name" "$count"
    fi
  done < <("$bin/instruction_cases")
  if [[ -n $record ]]; then
    say "Recorded for $platform in $recorded"
  fi
  ((${#bad[@]} == 0)) ||
    fail "over 3 % more instructions than recorded:$(printf " '%s'" "${bad[@]}")"
}

if [[ -n $instructions ]]; then
  need "${build_tools[@]}" libbenchmark-dev valgrind:valgrind
  configure bench
  build bench --target instruction_cases
  check_instructions
  exit 0
fi

# The machine and the commit, for the record.
processor=$(processor_name)
commit=$(commit_name)

# measure PRESET PROGRAM OUTPUT: the program's table goes to a log, wrong answers to the terminal.
# Does nothing where the filter leaves nothing of the program.
measured=''
measure() {
  local preset=$1 program=build/$1/bin/$2 started=$SECONDS log
  local options=(--benchmark_repetitions=9 --benchmark_report_aggregates_only=true
    --benchmark_enable_random_interleaving=true --benchmark_out_format=json
    "--benchmark_out=$3" "--benchmark_context=processor=$processor,commit=$commit")
  if [[ -n $quick ]]; then
    options+=(--quick --benchmark_min_time=0.003)
  else
    options+=(--benchmark_min_time=0.1)
  fi
  if [[ -n $filter ]]; then
    options+=("--benchmark_filter=$filter")
    "$program" --benchmark_list_tests=true ${quick:+--quick} "--benchmark_filter=$filter" \
      >/dev/null 2>&1 || return 0
  fi
  log=$logs/measure-$preset-$2.log
  printf 'measure %s, %s ... ' "$2" "$preset"
  OMP_NUM_THREADS=1 "$program" "${options[@]}" >"$log" ||
    fail "step 'measure $2, $preset' failed, see $log"
  printf '%sdone%s (%d s)\n' "$green" "$plain" $((SECONDS - started))
  measured=yes
}

# has_tensors PRESET: whether the configuration found LibTorch.
has_tensors() { cmake --build "build/$1" --target help | grep '^libtorch_bench:' >/dev/null; }

need "${build_tools[@]}" "${bench_packages[@]}"
bring_libtorch
programs=(gradsieve_bench)
for preset in bench bench-native; do
  configure "$preset"
  build "$preset"
  if has_tensors "$preset"; then
    run_step "build $preset, tensors" cmake --build "build/$preset" --target libtorch_bench
    programs=(gradsieve_bench libtorch_bench)
  fi
done
report=$bin/bench_report
# A baseline that cannot be read should not cost a full run; and the run may well overwrite it.
baseline=$root/build/bench-baseline.json
if [[ -n $old ]]; then
  "$report" compare "$old" "$old" >/dev/null || fail "cannot compare with $old"
  cp "$old" "$baseline"
fi

if [[ -n $record ]]; then out=$results/$(folder_name "$processor, $(nproc) cores"); fi
out=${out:-$root/build/bench-results}
raw=$root/build/bench-raw
rm -rf "$raw"
mkdir -p "$out" "$raw"
for name in "${programs[@]}"; do
  measure bench "$name" "$raw/generic-$name.json"
  measure bench-native "$name" "$raw/native-$name.json"
done
[[ -n $measured ]] || fail "no benchmark is called so"
if [[ -z $filter ]]; then
  if command -v python3 >/dev/null; then
    run_step "measure Python" python3 benchmarks/published/selective_backprop.py \
      "$raw/python.json" ${quick:+--quick}
  else
    say "There is no python3, so the published loop is not measured."
  fi
fi
"$report" write "$out" "$raw"/*.json || fail "step 'report' failed"
if [[ -n $record ]]; then
  record_in_readme bench "$out/benchmarks.md" scripts/bench.sh \
    <<<"a ratio above 1 is how many times longer the rival took."
fi
first_table "$out/benchmarks.md"
say "All results are in $out/benchmarks.md"

if [[ -n $old ]]; then
  "$report" compare "$baseline" "$out/benchmarks.json" || fail "slower than $old"
fi
