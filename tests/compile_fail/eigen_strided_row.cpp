// expect: gradsieve: this Eigen expression is not contiguous; pass a buffer to gradsieve::eigen::losses(expression, buffer) to copy it
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/eigen.hpp>

auto row_of(const Eigen::MatrixXf& losses) { return gradsieve::eigen::losses(losses.row(0)); }
