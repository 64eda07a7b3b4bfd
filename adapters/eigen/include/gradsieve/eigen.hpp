// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Everything of the Eigen adapter: losses in, selected columns and weighted gradients out.
#pragma once

#include <gradsieve/eigen/columns.hpp>
#include <gradsieve/eigen/losses.hpp>
