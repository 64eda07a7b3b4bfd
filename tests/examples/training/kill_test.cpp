// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The demo's trainer, killed and resumed.
#include "methods.hpp"

#include "catch.hpp"
#include "examples/training/kills.hpp"

namespace {

TEST_CASE("ten kills at random moments: the same ids, weights and lines as without") {
  support::words flags{"--seeds",      "3",  "--epochs",   "4",   "--layers",      "12",
                       "--batch-size", "16", "--momentum", "0.5", "--label-noise", "0.1",
                       "--curves"};
  for (const training::method& each : training::methods()) {
    flags.insert(flags.end(), {"--method", std::string(each.name)});
  }
  support::check_ten_kills(EIGEN_MLP, flags, "5");
}

}  // namespace
