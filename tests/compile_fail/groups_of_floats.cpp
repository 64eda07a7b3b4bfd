// expect: gradsieve: groups must be a contiguous range of integers
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <vector>

void train(gradsieve::sieve& sieve, const std::vector<float>& labels) {
  sieve.assign_groups(labels);
}
