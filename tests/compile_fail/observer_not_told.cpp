// expect: gradsieve: an observer needs `void decided(const gradsieve::decision&)`
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

struct statistics {
  void decide(const gradsieve::decision&) {}
};

void watch(gradsieve::sieve& sieve, statistics& observer) { sieve.watch(observer); }
