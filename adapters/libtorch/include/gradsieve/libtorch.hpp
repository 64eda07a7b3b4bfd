// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Everything of the LibTorch adapter but the kernels, which are in libtorch/cuda.hpp.
#pragma once

#include <gradsieve/gradsieve.hpp>
#include <gradsieve/libtorch/dataset.hpp>
#include <gradsieve/libtorch/learning_rate.hpp>
#include <gradsieve/libtorch/loss.hpp>
#include <gradsieve/libtorch/sampler.hpp>
#include <gradsieve/libtorch/scoring_guard.hpp>
#include <gradsieve/libtorch/sieve.hpp>
#include <gradsieve/libtorch/sieve_module.hpp>
