#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/gpu.sh [--out DIR] [--quick] [--only tests|sanitize|bench] [--cifar10 DATA]
#        scripts/gpu.sh --record | --record-from DIR
#        scripts/gpu.sh --prepare
#
# On a machine with a GPU, nvcc 12.8 or newer, CMake and ninja: builds the kernels' tests for that
# device below build/gpu, runs them and an example, runs the tests again under compute-sanitizer, and
# times the kernels against CUB, Thrust and, where python3 has a torch that sees the GPU, eager PyTorch.
# Needs no network and no root. Where compute-sanitizer is missing the rest runs, and the script fails
# at its end. GRADSIEVE_GPU_STEPS says how many random steps each comparison with the host takes; it is
# 1000 unless given, and 20 under the sanitizers.
#
#   --only PART tests (with the example), sanitize or bench
#   --out DIR   where benchmarks.json (Google Benchmark's format), benchmarks.md, plots and gpu.log
#               go; build/gpu-results unless given
#   --quick     small problems only
#   --record    keeps the results of a full run, with device, driver, date and commit, in a folder of
#               benchmarks/results named after the device, and in the README's table
#   --record-from DIR
#               instead: the same with the results of a full run that another machine wrote to its
#               --out, brought here; needs no GPU
#   --cifar10 DATA
#               instead: trains ResNet-18 on the GPU by several methods with examples/libtorch_cifar10,
#               on CIFAR-10's binary batches in the folder DATA, with python3's LibTorch. Its report
#               goes to the folder of --out. CIFAR10_FLAGS has flags for it in the place of
#               "--epochs 15 --seeds 1"
#   --prepare   on a machine with packages: copies the headers and libraries that the other one may
#               lack, Catch2, Google Benchmark and what the trainer needs, to build/gpu-carry, to be
#               taken there with the tree
#   --help      this text
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

prepare='' data='' record='' quick='' from='' out='' only=''
while (($#)); do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --prepare) prepare=yes ;;
    --record) record=yes ;;
    --quick) quick=yes ;;
    --out | --cifar10 | --record-from | --only)
      (($# > 1)) || fail "$1 needs a value"
      case $1 in
        --out) out=$2 ;;
        --only) only=$2 ;;
        --record-from) from=$2 ;;
        --cifar10) data=$2 ;;
      esac
      shift
      ;;
    *) fail "unknown option $1; see --help" ;;
  esac
  shift
done
[[ $only =~ ^(|tests|sanitize|bench)$ ]] || fail "--only $only is not tests, sanitize or bench"
[[ -z $record || -z $out$quick$data$only ]] || fail "--record is for a full run, without other options"
[[ -z $from || -f $from/benchmarks.json && -f $from/benchmarks.md ]] ||
  fail "there are no benchmarks.json and benchmarks.md in $from"
[[ -z $record$from ]] || check_readme gpu
out=${out:-$root/build/gpu-results}
[[ $out == /* ]] || out=$PWD/$out
[[ -z $data || -d $data ]] || fail "there is no folder $data"
[[ -z $data || $data == /* ]] || data=$PWD/$data

results=$root/benchmarks/results
# record FOLDER: what lies there is the README's table.
record() {
  record_in_readme gpu "$1/benchmarks.md" scripts/gpu.sh \
    <<<"times are the device's own, of a whole call."
}
if [[ -n $from ]]; then
  device=$(sed -n 's/.*"device": *"\([^"]*\)".*/\1/p' "$from/benchmarks.json" | head -n 1)
  [[ -n $device ]] || fail "$from/benchmarks.json does not name a device"
  kept=$results/$(folder_name "$device")
  mkdir -p "$kept"
  find "$from" -maxdepth 1 -name 'benchmarks.*' -exec cp {} "$kept" \;
  find "$from" -maxdepth 1 -name '*_against_*.svg' -exec cp {} "$kept" \;
  record "$kept"
  say "Recorded in $kept"
  exit 0
fi

cd "$root"
carry=$root/build/gpu-carry
if [[ -n $prepare ]]; then
  packages=(catch2 libbenchmark-dev zlib1g-dev libcli11-dev nlohmann-json3-dev libstb-dev)
  need "${packages[@]}" libboost-dev
  rm -rf "$carry"
  mkdir -p "$carry"
  # Packages find their files relative to their own place. Of Boost, which is large, what is included.
  {
    dpkg -L "${packages[@]}"
    dpkg -S 'cmake/Boost-1.*/*.cmake' 'cmake/boost_headers-1.*/*.cmake' '*/libbenchmark*.so.*' |
      sed 's/^[^:]*: *//; s/^[^/]*//'
    echo '#include <gradsieve/boost.hpp>' |
      g++ -std=c++20 -Iinclude -Iadapters/boost/include -M -x c++ - |
      grep -oE '/usr/include/boost/[^ ]+'
    echo /usr/include/boost/version.hpp
  } | grep -E '^/usr/(include|lib|share/cmake)/' | sort -u | while IFS= read -r file; do
    [[ -d $file ]] || install -D -m 644 "$file" "$carry/${file#/usr/}"
  done
  commit_name >"$carry/commit" # for a machine to which the tree comes without its history
  say "Take build/gpu-carry along with the tree, and run scripts/gpu.sh there."
  exit 0
fi

command -v nvcc >/dev/null || fail "there is no nvcc here; the kernels' logic is tested without" \
  "one by scripts/test.sh -L emulation"
nvidia-smi >/dev/null 2>&1 || fail "there is no GPU here; see scripts/gpu.sh --help"
device=$(nvidia-smi --query-gpu=name --format=csv,noheader | sed -n 1p | tr -d ',=')
driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | sed -n 1p)
commit=$(commit_name)
[[ $commit != unknown* || ! -f $carry/commit ]] || commit=$(<"$carry/commit")
log=$out
[[ -z $record ]] || log=$root/build out=$results/$(folder_name "$device")
mkdir -p "$out" "$log"
exec > >(tee "$log/gpu.log") 2>&1

if [[ -n $data ]]; then
  torch=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))') ||
    fail "python3 has no torch here"
  read -r -a flags <<<"${CIFAR10_FLAGS:---epochs 15 --seeds 1}"
  run_step "configure" cmake --preset examples -B build/gpu-examples \
    "-DCMAKE_PREFIX_PATH=$carry" "-DGRADSIEVE_TORCH_ROOT=$torch" -DCMAKE_CUDA_ARCHITECTURES=native
  run_step "build" cmake --build build/gpu-examples --parallel "$jobs" --target libtorch_cifar10
  build/gpu-examples/bin/libtorch_cifar10 --device cuda --data "$data" --out "$out" --verbose \
    "${flags[@]}" || fail "step 'train' failed"
  say "The report lies in $out."
  exit 0
fi

# wants PART: whether it is to be run.
wants() { [[ -z $only || $only == "$1" ]]; }

unwatched=''
if wants sanitize && ! command -v compute-sanitizer >/dev/null; then
  unwatched="compute-sanitizer, of the CUDA Toolkit, is not in PATH, so nothing ran under it"
  say "$unwatched"
  [[ $only != sanitize ]] || fail "$unwatched"
fi

configure gpu "-DCMAKE_PREFIX_PATH=$carry" -DCMAKE_CUDA_ARCHITECTURES=native
tests=build/gpu/tests/gpu/device/test_gpu_device
if wants tests || wants sanitize; then build gpu --target test_gpu_device; fi
if wants tests; then
  run_step "test on the device" "$tests"
  example=build/gpu/cuda_custom_policy
  run_step "build the example" nvcc -std=c++20 -O3 -arch=native -Iinclude -Icuda/include \
    examples/cuda_custom_policy.cu -o "$example"
  run_step "run the example" "$example"
fi
if wants sanitize && [[ -z $unwatched ]]; then
  # The same tests where every access is watched: a step takes some hundred times as long.
  sanitize=(env "GRADSIEVE_GPU_STEPS=${GRADSIEVE_GPU_STEPS:-20}" compute-sanitizer --error-exitcode 1)
  # Some tests provoke errors of the runtime's calls, and all look at what these return.
  for tool in 'memcheck --report-api-errors no' initcheck synccheck; do
    read -r -a options <<<"$tool"
    run_step "compute-sanitizer ${options[0]}" "${sanitize[@]}" --tool "${options[@]}" "$tests" \
      '~[large]' '~[long]'
  done
  # Races are looked for where no block waits for another. The tool sees those in shared memory alone:
  # what blocks tell each other through global memory is argued in the headers, not checked by it.
  run_step "compute-sanitizer racecheck" "${sanitize[@]}" --tool racecheck "$tests" \
    'two passes*,weights*'
fi
if ! wants bench; then
  say "Done: $only"
  exit 0
fi

build gpu
raw=$root/build/gpu-raw
rm -rf "$raw"
mkdir -p "$raw"
cuda=$(nvcc --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
context="device=$device,driver=$driver,cuda=$cuda,processor=$(processor_name),commit=$commit"
run_step "timing" build/gpu/bin/gpu_bench --benchmark_repetitions=5 \
  --benchmark_report_aggregates_only=true --benchmark_enable_random_interleaving=true \
  --benchmark_min_time=0.02 --benchmark_out_format=json "--benchmark_out=$raw/gpu.json" \
  "--benchmark_context=$context" ${quick:+--quick}
report() { build/gpu/bin/bench_report write "$out" "$raw"/*.json || fail "step 'report' failed"; }
report # now, so that it is there whatever becomes of PyTorch
if python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
  run_step "timing PyTorch" python3 benchmarks/gpu/eager_pytorch.py "$raw/pytorch.json" ${quick:+--quick}
  report
else
  say "python3 has no torch here that sees the GPU, so that rival is left out"
fi
[[ -z $record ]] || record "$out"
first_table "$out/benchmarks.md"
say "All results are in $out/benchmarks.md"
[[ -z $unwatched ]] || fail "$unwatched"
