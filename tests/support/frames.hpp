// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Saved states with contents of one's own, and what must be refused.
#pragma once

#include <gradsieve/state/frame.hpp>

#include <vector>

namespace support {

using bytes = std::vector<std::byte>;

//! A sound frame around any payload.
template <class Write>
bytes frame(gradsieve::state_kind kind, Write write) {
  struct part {
    Write how;
    void write(gradsieve::byte_writer& out) const { how(out); }
  };
  return gradsieve::save_state<std::vector<std::byte>>(kind, part{write});
}

//! Whether `part` refuses `state` and is unchanged.
template <class Part>
bool refuses(Part& part, const bytes& state) {
  const bytes before = part.save();
  try {
    part.load(state);
  } catch (const gradsieve::state_error&) {
    return part.save() == before;
  }
  return false;
}

//! The number of damaged copies of `state` that `part` accepts, or lets change it: each bit
//! flipped, each truncation, and bytes added. Should be 0.
template <class Part>
std::size_t damages_accepted(Part& part, const bytes& state) {
  std::size_t accepted = 0;
  bytes damaged = state;
  for (std::size_t bit = 0; bit < 8 * state.size(); ++bit) {
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    accepted += std::size_t{!refuses(part, damaged)};
    damaged[bit / 8] = state[bit / 8];
  }
  for (std::size_t n = 0; n < state.size(); ++n) {
    damaged.assign(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(n));
    accepted += std::size_t{!refuses(part, damaged)};
  }
  damaged = state;
  for (int extra = 0; extra < 9; ++extra) {
    damaged.push_back(std::byte{0});
    accepted += std::size_t{!refuses(part, damaged)};
  }
  return accepted;
}

}  // namespace support
