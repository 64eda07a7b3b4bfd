// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file All that this program needs for its sieves to run on the GPU.
#include <gradsieve/libtorch/cuda.hpp>
