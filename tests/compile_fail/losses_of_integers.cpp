// expect: gradsieve: losses must be a contiguous range of float, double or a 16-bit floating type
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <cstdint>
#include <vector>

void train(gradsieve::sieve& sieve, const std::vector<std::int64_t>& ids,
           const std::vector<int>& losses) {
  sieve.pick(ids, losses);
}
