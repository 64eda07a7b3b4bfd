// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the steps of a draw of exactly k hand on to each other.
#pragma once

#include <gradsieve/gpu/tile.hpp>
#include <gradsieve/select/shares.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

using gradsieve::detail::mass_tally;
using gradsieve::detail::systematic_shares;
using gradsieve::detail::tickets;

//! How the last batch was drawn.
struct systematic_draw {
  systematic_shares shares;
  tickets with_mass, without;
  bool crowded;  // more must be selected than are drawn: those alone take part, equally
};

//! What the launches hand on. A tile's measures become those of all tiles before it.
struct systematic_work {
  std::uint16_t* classes = nullptr;        // of each example, up to the end of the last tile
  std::uint32_t* examples = nullptr;       // of each class; 0 between picks
  std::uint64_t* masses = nullptr;         // of each class, or `left_out`
  std::uint64_t* tile_masses = nullptr;    // of what gets tickets
  std::uint64_t* tile_examples = nullptr;  // without mass << 32 | certain
  systematic_draw* draw = nullptr;
};

//! The masses of a quad of a thread's examples.
struct quad_masses {
  uint2 classes;
  const std::uint64_t* masses;

  __device__ quad_masses(const systematic_work& work, std::uint32_t tile, unsigned quad)
      : masses(work.masses) {
    const std::size_t first = std::size_t{tile} * tile_size + quad_start(quad);
    classes = *reinterpret_cast<const uint2*>(work.classes + first);
  }
  __device__ std::uint64_t operator[](unsigned c) const {
    const std::uint32_t pair = c < 2 ? classes.x : classes.y;
    return masses[pair >> (16 * (c % 2)) & 0xffff];
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
