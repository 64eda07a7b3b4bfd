// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Keyed draws: the random word of an index, as a pure function of seed, step and stream.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/random/philox.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What a stream of draws is for. Two purposes never share a word, so that, for example, a plan and
//! a pick of the same step are independent. Numbers are public API: they decide which ids are
//! drawn.
enum class purpose : std::uint8_t {
  pick_by_position = 0,
  pick_by_id = 1,
  plan = 2,
  order = 3,
  ties = 4,
  top_up = 5,
  user = 255  //!< for a caller's own draws
};

//! Names one sequence of draws. The layout is public API, covered by the version's promise:
//! the draw of index i is word `i mod 4` of the Philox block whose key is the seed and whose
//! counter is (i / 4 as 64 bits, step, replica << 8 | purpose).
struct draw_key {
  std::uint64_t seed = 0;
  std::uint32_t step = 0;  //!< a counter of more bits gives its lower 32
  purpose use = purpose::pick_by_position;
  std::uint32_t replica = 0;  //!< below 2^24: separates several samplers of one seed

  GRADSIEVE_HOST_DEVICE constexpr std::uint32_t stream() const {
    return (replica << 8) | static_cast<std::uint32_t>(use);
  }
};

namespace detail {

//! @throws invalid_argument for a replica that does not fit into a stream.
inline void check_replica(std::uint32_t replica) {
  if (replica >> 24 != 0) {
    fail<invalid_argument>("replica is ", replica, ", it must be below 16777216");
  }
}

}  // namespace detail

//! The four draws of indices `4 * block` … `4 * block + 3`, at the cost of one.
GRADSIEVE_HOST_DEVICE constexpr philox_block draw_four(const draw_key& key, std::uint64_t block) {
  return philox({{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                  key.step, key.stream()}},
                key.seed);
}

//! The draw of one index: an example's position in the batch, or its id.
GRADSIEVE_HOST_DEVICE constexpr std::uint32_t draw(const draw_key& key, std::uint64_t index) {
  return draw_four(key, index / 4).word[index % 4];
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
