// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file This trainer among the others: its network, its defaults.
#pragma once

#include "../training/program.hpp"

namespace libtorch_cnn {

training::program describe();

}  // namespace libtorch_cnn
