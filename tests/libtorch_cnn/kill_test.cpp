// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file LibTorch's trainer, killed and resumed.
#include "catch.hpp"
#include "examples/training/kills.hpp"

namespace {

TEST_CASE("ten kills at random moments: the same ids, weights and lines as without") {
  support::check_ten_kills(LIBTORCH_CNN,
                           {"--seeds",
                            "3",
                            "--epochs",
                            "2",
                            "--widths",
                            "4",
                            "8",
                            "--batch-size",
                            "50",
                            "--curves",
                            "--label-noise",
                            "0.1",
                            "--method",
                            "uniform",
                            "--method",
                            "plan",
                            "--method",
                            "sb",
                            "--method",
                            "sb-reuse",
                            "--method",
                            "info-batch",
                            "--method",
                            "replay",
                            "--method",
                            "automatic"},
                           "5");
}

}  // namespace
