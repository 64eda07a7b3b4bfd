// expect: gradsieve: ids must be a contiguous range of integers
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods.hpp>

#include <vector>

void train(const std::vector<float>& ids, const std::vector<float>& losses) {
  auto method = gradsieve::methods::info_batch().make({.examples = 100});
  method.observe(ids, losses);
}
