// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How blocks move rows of any size: in tiles, by the widest vectors that fit.
#pragma once

#include <gradsieve/gpu/launch.hpp>
#include <gradsieve/gpu/memory.hpp>
#include <gradsieve/gpu/tile.hpp>

#include <cstddef>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

inline constexpr unsigned row_threads = 256;
inline constexpr unsigned row_vectors = 4;  //!< to a thread, all in flight at once
inline constexpr unsigned row_tile_vectors = row_threads * row_vectors;
inline constexpr std::uint64_t most_row_bytes = std::uint64_t{1} << 31;
//! The most tiles of one launch, so that counting past them cannot wrap around.
inline constexpr std::uint64_t most_row_tiles = std::uint64_t{1} << 31;

//! Bytes of the widest vector, 16, 8, 4, 2 or 1, that row size and addresses are multiples of.
inline unsigned vector_width(std::size_t row_bytes, const void* a, const void* b) {
  const std::uintptr_t bits =
      row_bytes | reinterpret_cast<std::uintptr_t>(a) | reinterpret_cast<std::uintptr_t>(b) | 16;
  return static_cast<unsigned>(bits & (~bits + 1));
}

//! Calls with a value of the type of vectors that has so many bytes.
GRADSIEVE_CALLS_ARGUMENT
template <class Call>
GRADSIEVE_HOST_DEVICE auto with_vector(unsigned width, Call call) {
  switch (width) {
    case 16: return call(uint4{});
    case 8: return call(uint2{});
    case 4: return call(std::uint32_t{});
    case 2: return call(std::uint16_t{});
    default: return call(std::uint8_t{});
  }
}

//! How rows are cut into tiles of at most 1024 vectors: several whole rows to a tile or, of long
//! rows, several tiles to a row. Tiles are in the order of rows.
struct row_tiles {
  std::uint32_t row_bytes = 1;
  std::uint32_t vectors = 1;  //!< to a row
  std::uint32_t rows = 1;     //!< to a tile
  std::uint32_t parts = 1;    //!< tiles to a row
  std::uint32_t inverse = 0;  //!< of `vectors`, where a tile holds whole rows; else 0

  //! Where a vector lies. Where there is none, `row` and `vector` are the tile's first, so that
  //! reading needs no branch.
  struct place {
    std::uint32_t row, vector;
    bool inside;
  };

  //! @pre 1 <= row_bytes <= most_row_bytes, a multiple of `width`
  static row_tiles of(std::size_t row_bytes, unsigned width) {
    row_tiles cut;
    cut.row_bytes = static_cast<std::uint32_t>(row_bytes);
    cut.vectors = cut.row_bytes / width;
    if (cut.vectors <= row_tile_vectors) {
      cut.rows = row_tile_vectors / cut.vectors;
      cut.inverse = ((1u << inverse_shift) + cut.vectors - 1) / cut.vectors;
    } else {
      cut.parts = (cut.vectors - 1) / row_tile_vectors + 1;
    }
    return cut;
  }

  //! Tiles of n rows.
  GRADSIEVE_HOST_DEVICE constexpr std::uint64_t count(std::uint32_t n) const {
    return std::uint64_t{n / rows + (n % rows != 0 ? 1u : 0u)} * parts;
  }

  //! Where a tile begins. Its vectors are counted from there on.
  __device__ place begin(std::uint32_t tile) const {
    if (parts == 1) return {tile * rows, 0, true};
    const std::uint32_t row = tile / parts;
    return {row, (tile - row * parts) * row_tile_vectors, true};
  }

  //! The c-th vector of this thread, in the tile of n rows that begins at `first`. For i and
  //! vectors up to 1024, `i * inverse >> 20` is i / vectors: `inverse` is too large by e / vectors
  //! with e < vectors, and i e < 2^20. Where a row is longer than a tile `inverse` is 0.
  __device__ place at(const place& first, unsigned c, std::uint32_t n) const {
    const std::uint32_t i = c * row_threads + threadIdx.x;
    const std::uint32_t row = i * inverse >> inverse_shift;
    const std::uint32_t vector = first.vector + i - row * vectors;
    const bool inside = row < rows && row < n - first.row && vector < vectors;
    return {first.row + (inside ? row : 0), inside ? vector : first.vector, inside};
  }

 private:
  static constexpr unsigned inverse_shift = 20;
};

//! Whether rows of this size, and so many, can be moved at all.
inline bool can_move_rows(std::size_t row_bytes, std::size_t most_rows) {
  if (row_bytes == 0 || row_bytes > most_row_bytes || most_rows > most_examples) return false;
  return row_tiles::of(row_bytes, vector_width(row_bytes, nullptr, nullptr))
             .count(static_cast<std::uint32_t>(most_rows)) < most_row_tiles;
}

//! A thread's vectors of a tile, between reading and writing.
template <class Vector>
struct held_vectors {
  Vector values[row_vectors];

  //! Row j of the tile is the source's row `positions[j]`. All positions are read before the first
  //! vector, so that nothing waits for one row at a time.
  __device__ void read(const row_tiles& tiles, std::uint32_t tile, std::uint32_t n,
                       const unsigned char* source, const std::uint32_t* positions) {
    const row_tiles::place first = tiles.begin(tile);
    std::uint32_t rows[row_vectors];
#pragma unroll
    for (unsigned c = 0; c < row_vectors; ++c) rows[c] = positions[tiles.at(first, c, n).row];
#pragma unroll
    for (unsigned c = 0; c < row_vectors; ++c) {
      const row_tiles::place at = tiles.at(first, c, n);
      values[c] = load_streaming(address(source, tiles, rows[c], at.vector));
    }
  }

  //! Row j of the tile becomes the target's row `row_of(j)`.
  template <class RowOf>
  __device__ void write(const row_tiles& tiles, std::uint32_t tile, std::uint32_t n,
                        unsigned char* target, RowOf row_of) const {
    const row_tiles::place first = tiles.begin(tile);
#pragma unroll
    for (unsigned c = 0; c < row_vectors; ++c) {
      const row_tiles::place at = tiles.at(first, c, n);
      if (!at.inside) continue;
      Vector* to = const_cast<Vector*>(address(target, tiles, row_of(at.row), at.vector));
      store_streaming(to, values[c]);
    }
  }

 private:
  __device__ static const Vector* address(const unsigned char* rows, const row_tiles& tiles,
                                          std::uint32_t row, std::uint32_t vector) {
    const std::uint64_t at = std::uint64_t{row} * tiles.row_bytes;
    return reinterpret_cast<const Vector*>(rows + at) + vector;
  }
};

//! Launches as many blocks as there are tiles, but no more than run at once.
template <class Kernel>
cudaError_t launch_over(const Kernel& kernel, std::uint64_t tiles, cudaStream_t stream) {
  unsigned blocks = 1;
  if (cudaError_t error = resident_blocks(kernel, blocks); error != cudaSuccess) return error;
  return launch(kernel, tiles < blocks ? static_cast<unsigned>(tiles) : blocks, stream);
}

//! Whether an array of T can lie there.
template <class T>
bool is_array(const T* pointer) {
  return pointer != nullptr && reinterpret_cast<std::uintptr_t>(pointer) % alignof(T) == 0;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
