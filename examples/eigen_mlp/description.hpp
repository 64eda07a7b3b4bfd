// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file This trainer among the others: its network, its defaults, what was found best for it.
#pragma once

#include "../training/program.hpp"

namespace eigen_mlp {

training::program describe();

}  // namespace eigen_mlp
