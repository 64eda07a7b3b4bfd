// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A training run between two batches: all that its future depends on.
#pragma once

#include "../common/record.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace training {

//! So many batches of this epoch are done.
struct place {
  std::uint32_t epoch = 0;
  std::size_t batch = 0;
};

//! What a trainer counts besides the record.
struct tally {
  double epoch_loss = 0, learning_rate = 0, last_selection_seconds = 0;
  std::uint64_t steps = 0, next_sample = 0, epoch_backwards = 0, epoch_wrong = 0;
};

//! Plain data; with the same options, data and program, a run that goes on from it equals the run
//! that was never stopped, bit for bit.
struct snapshot {
  place at;
  std::vector<std::vector<std::byte>> sieves;  //!< and other parts, each as its `save` gave it
  std::vector<std::byte> network;              //!< as its `save` gave it
  tally sums;
  record::run run;  //!< so far; its forwards and backwards are the place in the budget
};

}  // namespace training
