// expect: gradsieve: a policy must be callable as `double operator()(double percentile) const`
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

struct not_const {
  double operator()(double percentile) { return percentile; }
};

gradsieve::curve policy = not_const{};
