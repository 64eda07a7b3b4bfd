// expect: gradsieve: ids must be a contiguous range of integers
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/automatic.hpp>

#include <vector>

void train(gradsieve::automatic& sieve, const std::vector<float>& ids,
           const std::vector<float>& losses) {
  sieve.observe(ids, losses);
}
