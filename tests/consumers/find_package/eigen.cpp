// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The installed Eigen component.
#include <gradsieve/eigen.hpp>
#include <gradsieve/gradsieve.hpp>

#include <Eigen/Core>

int main() {
  gradsieve::sieve sieve({.history = 8});
  const Eigen::VectorXf losses = Eigen::VectorXf::LinSpaced(4, 0.0f, 1.0f);
  return sieve.pick(gradsieve::eigen::losses(losses)).size() == 4 ? 0 : 1;
}
