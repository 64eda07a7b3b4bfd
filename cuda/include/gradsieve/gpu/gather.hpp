// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Brings the rows of selected examples together.
#pragma once

#include <gradsieve/gpu/row_tile.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

namespace detail {

template <class Vector>
struct gather_kernel {
  static constexpr unsigned threads = row_threads;

  row_tiles tiles;
  const unsigned char* source = nullptr;
  const std::uint32_t* positions = nullptr;
  const std::uint32_t* count = nullptr;
  std::uint32_t most = 0;
  unsigned char* target = nullptr;

  std::size_t shared_bytes() const { return 0; }

  __device__ void operator()(void*) const {
    const std::uint32_t n = *count < most ? *count : most;
    const auto all = static_cast<std::uint32_t>(tiles.count(n));
    for (std::uint32_t tile = blockIdx.x; tile < all; tile += gridDim.x) {
      held_vectors<Vector> held;
      held.read(tiles, tile, n, source, positions);
      held.write(tiles, tile, n, target, [](std::uint32_t row) { return row; });
    }
  }
};

}  // namespace detail

//! `target` row j becomes `source` row `positions[j]`, for j below `*count`: one launch, no
//! synchronisation, no allocation, capturable. Moves 2 row_bytes + 4 bytes a row, 16 bytes to a
//! thread where row size and addresses are multiples of that, else 8, 4, 2 or 1.
//!
//! All pointers are the device's. Positions may be in any order and repeat.
//! @param row_bytes  1 to 2^31
//! @param count      how many rows; read when the launch runs, and no more than `most_rows` are
//!                   moved
//! @param most_rows  how many rows `target` has room for; 0 does nothing
//! @return cudaErrorInvalidValue for a null or misaligned pointer, a row size out of bounds, or a
//!         `target` that is the `source`: see compact.hpp
//! @pre `source` and `target` do not overlap; positions are rows of `source`
[[nodiscard]] inline cudaError_t gather_rows(const void* source, std::size_t row_bytes,
                                             const std::uint32_t* positions,
                                             const std::uint32_t* count, std::size_t most_rows,
                                             void* target, cudaStream_t stream = nullptr) {
  if (!detail::can_move_rows(row_bytes, most_rows)) return cudaErrorInvalidValue;
  if (most_rows == 0) return cudaSuccess;
  if (source == nullptr || target == nullptr || source == target) return cudaErrorInvalidValue;
  if (!detail::is_array(positions) || !detail::is_array(count)) return cudaErrorInvalidValue;
  const unsigned width = detail::vector_width(row_bytes, source, target);
  const auto tiles = detail::row_tiles::of(row_bytes, width);
  const auto most = static_cast<std::uint32_t>(most_rows);
  if (tiles.count(most) >= detail::most_row_tiles) return cudaErrorInvalidValue;
  return detail::with_vector(width, [&](auto vector) {
    const detail::gather_kernel<decltype(vector)> kernel{
        tiles, static_cast<const unsigned char*>(source), positions, count,
        most,  static_cast<unsigned char*>(target)};
    return detail::launch_over(kernel, tiles.count(most), stream);
  });
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
