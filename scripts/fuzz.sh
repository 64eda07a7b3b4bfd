#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/fuzz.sh SECONDS|--runs N [PART...]
#
# Loads made-up states into every stateful part, or those named, for SECONDS each or N states each, on
# all processors (CMAKE_BUILD_PARALLEL_LEVEL, where it is set): a load must take exactly what the part
# then saves, or refuse it and change nothing, and take no more
# memory than the bytes account for. Installs clang with its sanitizers (Debian and its relatives),
# builds the fuzzers below build/fuzz, and stops at the first input that fails.
#
#   --runs N   so many states for each part, however long it takes
#   --help     this text
#
# What is learned stays in build/fuzz-corpus/PART for the next run. An input that fails is kept in
# build/fuzz-failures; build/fuzz/bin/replay_PART FILE tries it again.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  usage
  exit 0
fi
runs=
if [[ ${1:-} == --runs ]]; then
  runs=yes
  shift
fi
[[ ${1:-} =~ ^[1-9][0-9]*$ ]] ||
  fail "the first argument is a number of seconds for each part, or --runs and a number of states"
if [[ -n $runs ]]; then
  limit=-runs=$((($1 + jobs - 1) / jobs))
else
  limit=-max_total_time=$1
fi
shift

cd "$root"
known=(tests/fuzz/*_fuzz.cpp)
known=("${known[@]#tests/fuzz/}")
known=("${known[@]%_fuzz.cpp}")
parts=("$@")
((${#parts[@]})) || parts=("${known[@]}")
for part in "${parts[@]}"; do
  [[ " ${known[*]} " == *" $part "* ]] || fail "there is no part $part, only: ${known[*]}"
done

need "${build_tools[@]}" clang:clang++ libclang-rt-dev libboost-dev
configure fuzz
build fuzz
failures=$root/build/fuzz-failures
# Worth a third more inputs; a replay tells where memory came from.
export ASAN_OPTIONS=malloc_context_size=0:quarantine_size_mb=8
pids=()
trap '((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null' EXIT
mkdir -p "$failures" "$logs"
for part in "${parts[@]}"; do
  if [[ ! -x build/fuzz/bin/fuzz_$part ]]; then
    say "$part is left out: the library that it needs is missing"
    continue
  fi
  corpus=$root/build/fuzz-corpus/$part
  log=$logs/fuzz-$part
  mkdir -p "$corpus"
  rm -f "$log"-*.log
  "build/fuzz/bin/replay_$part" --seeds "$corpus"
  printf '%s ... ' "$part"
  started=$SECONDS
  for ((job = 0; job < jobs; ++job)); do
    "build/fuzz/bin/fuzz_$part" "$corpus" "$limit" -max_len=4096 -timeout=10 \
      -print_final_stats=1 -artifact_prefix="$failures/$part-" \
      >"$log-$job.log" 2>&1 </dev/null &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || {
      printf '\n'
      [[ -z ${CI:-} ]] || tail -n 100 "$log"-*.log >&2
      input=$(sed -n 's/.*Test unit written to //p' "$log"-*.log | head -n 1)
      fail "$part fails on ${input:-no input at all}, see $log-*.log"
    }
  done
  pids=()
  inputs=$(awk '/^stat::number_of_executed_units:/ { n += $2 } END { print n + 0 }' "$log"-*.log)
  printf '%s%d inputs%s (%d s)\n' "$green" "$inputs" "$plain" $((SECONDS - started))
done
