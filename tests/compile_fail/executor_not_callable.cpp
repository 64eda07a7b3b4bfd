// expect: gradsieve: an executor must be callable as `run(std::size_t tasks, const gradsieve::task_body& body)`
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

struct pool {
  void submit(int) {}
};

void plan(gradsieve::sieve& sieve) { sieve.plan(1, pool{}); }
