// expect: gradsieve: a policy must return a floating-point probability
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

gradsieve::curve policy = [](double percentile) { return percentile > 0.5 ? 1 : 0; };
