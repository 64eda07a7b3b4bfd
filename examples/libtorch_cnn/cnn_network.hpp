// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The convolutional network as the shared trainer wants it. LibTorch's headers stay in the
//! source files, for they are slow to compile.
#pragma once

#include "../training/network.hpp"

#include <memory>
#include <string>
#include <vector>

namespace libtorch_cnn {

//! Computes on one thread. A step augments each example by a draw of its own (augment.hpp). Losses
//! come with the batch's statistics, of scoring passes too. Evaluation uses statistics that are
//! estimated anew on at most 5000 training images as they are.
//!
//! The graph of a forward pass is whole, and BatchNorm ties its examples together: to
//! back-propagate a part of a batch computes as much as the whole does, and `backward` says so.
//!
//! @param widths  channels of the convolutions
std::unique_ptr<training::network> make_cnn(const std::vector<int>& widths,
                                            const training::dataset& train,
                                            const training::training_options& options);

//! LibTorch's version and how it is used.
std::string torch_text();

}  // namespace libtorch_cnn
