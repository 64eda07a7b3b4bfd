#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/lint.sh
#
# Runs clang-tidy 14 with the checks of .clang-tidy over all headers and the examples, and shellcheck
# over the scripts. Findings are errors.
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
need "${build_tools[@]}" clang:clang++ clang-tidy-14:clang-tidy-14 shellcheck:shellcheck \
  "${test_packages[@]}" "${demo_packages[@]}" libbenchmark-dev
run_step "shellcheck" shellcheck --external-sources scripts/*.sh .ci/run

# clang's own compile commands: clang-tidy does not know g++'s options. The headers are read through
# the files that include them.
configure clang
units=build/lint-units.txt
{
  printf 'build/clang/tests/headers/test_headers%s.cpp\n' \
    /gradsieve_gradsieve_hpp _eigen/gradsieve_eigen_hpp _boost/gradsieve_boost_hpp \
    _dlpack/gradsieve_dlpack_hpp
  # That compiler's presets leave LibTorch out.
  git ls-files --cached --others --exclude-standard -- 'examples/*.cpp' ':!examples/libtorch_*'
} >"$units"
run_step "clang-tidy" xargs --arg-file="$units" --max-procs="$jobs" --max-args=1 \
  clang-tidy-14 --quiet -p build/clang --warnings-as-errors='*'
