#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Usage: scripts/test.sh [--strict] [--variants] [ctest arguments]
#
# Installs what the tests need (Debian and its relatives), brings LibTorch into ~/.cache/gradsieve (see
# scripts/get_libtorch.sh; elsewhere its tests are left out), builds tests, examples and benchmarks
# below build/release, and runs every test that needs no GPU. Safe to repeat.
#
#   --strict        compiler warnings are errors
#   --variants      also each header alone, and the same tests again under -ffast-math and with other
#                   loops: twice the time
#   --help          this text
#
# Everything else goes to ctest, for instance:
#   scripts/test.sh -L sieve           the tests of one room
#   scripts/test.sh -LE exhaustive     without those that take minutes
#   scripts/test.sh -N                 only list them
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

strict=OFF variants=OFF
ctest_arguments=()
for argument in "$@"; do
  case $argument in
    --help | -h)
      usage
      exit 0
      ;;
    --strict) strict=ON ;;
    --variants) variants=ON ;;
    *) ctest_arguments+=("$argument") ;;
  esac
done

cd "$root"
need "${build_tools[@]}" "${test_packages[@]}" "${demo_packages[@]}" libbenchmark-dev
bring_libtorch
configure release "-DGRADSIEVE_WARNINGS_AS_ERRORS=$strict" "-DGRADSIEVE_TEST_VARIANTS=$variants"
build release
say "test release"
ctest --preset release --parallel "$jobs" "${ctest_arguments[@]}" </dev/null ||
  fail "step 'test release' failed, see $root/build/release/Testing/Temporary/LastTest.log"
