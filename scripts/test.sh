#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/test.sh [--strict] [ctest arguments]
#
# Installs what the tests need (Debian and its relatives), builds tests, examples and benchmarks
# below build/release, and runs every test that needs no GPU. Safe to repeat.
#
#   --strict   compiler warnings are errors
#   --help     this text
#
# Everything else goes to ctest, for instance:
#   scripts/test.sh -L sieve           the tests of one room
#   scripts/test.sh -LE exhaustive     without those that take minutes
#   scripts/test.sh -N                 only list them
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

strict=OFF
ctest_arguments=()
for argument in "$@"; do
  case $argument in
    --help | -h)
      usage
      exit 0
      ;;
    --strict) strict=ON ;;
    *) ctest_arguments+=("$argument") ;;
  esac
done

cd "$root"
need "${build_tools[@]}" "${test_packages[@]}" "${demo_packages[@]}" libbenchmark-dev
configure release "-DGRADSIEVE_WARNINGS_AS_ERRORS=$strict"
build release
say "test release"
ctest --preset release --parallel "$jobs" "${ctest_arguments[@]}" </dev/null ||
  fail "step 'test release' failed, see $root/build/release/Testing/Temporary/LastTest.log"
