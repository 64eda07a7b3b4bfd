// expect: gradsieve: losses must be a contiguous range of float, double or a 16-bit floating type
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <list>

void train(gradsieve::sieve& sieve, const std::list<float>& losses) { sieve.pick(losses); }
