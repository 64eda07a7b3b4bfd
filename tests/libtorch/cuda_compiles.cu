// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The one file of a program that brings its sieves the kernels.
#include <gradsieve/libtorch/cuda.hpp>
