// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/row_tile.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"

namespace gpu = gradsieve::gpu;
using gpu::detail::row_tile_vectors;
using gpu::detail::row_tiles;

namespace {

//! Counts the vectors of one tile that are not where division says.
struct count_misplaced {
  static constexpr unsigned threads = gpu::detail::row_threads;

  row_tiles tiles;
  std::uint32_t n = 0, tile = 0;
  std::uint32_t* misplaced = nullptr;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    for (unsigned c = 0; c < gpu::detail::row_vectors; ++c) {
      const std::uint32_t i = c * threads + threadIdx.x;
      const row_tiles::place at = tiles.at(tiles.begin(tile), c, n);
      const std::uint32_t row = tile * tiles.rows + i / tiles.vectors;
      const bool inside = i / tiles.vectors < tiles.rows && row < n;
      const bool right =
          at.inside == inside && (!inside || (at.row == row && at.vector == i % tiles.vectors));
      if (!right) gpu::detail::atomic_add(misplaced, 1u);
    }
  }
};

}  // namespace

TEST_CASE("row tiles: every size of row that fits a tile divides as division does", "[gpu]") {
  device::array<std::uint32_t> misplaced(std::vector<std::uint32_t>{0});
  for (std::uint32_t vectors = 1; vectors <= row_tile_vectors; ++vectors) {
    const row_tiles tiles = row_tiles::of(vectors, 1);
    REQUIRE(tiles.parts == 1);
    REQUIRE(tiles.rows * vectors <= row_tile_vectors);
    REQUIRE(2 * tiles.rows * vectors > row_tile_vectors);
    device::check(gpu::detail::launch(
        count_misplaced{tiles, 3 * tiles.rows - 1, vectors % 3, misplaced.data()}, 1, nullptr));
  }
  CHECK(misplaced[0] == 0);
}

TEST_CASE("row tiles: as many as rows need", "[gpu]") {
  CHECK(row_tiles::of(16, 16).count(0) == 0);
  CHECK(row_tiles::of(16, 16).count(1024) == 1);
  CHECK(row_tiles::of(16, 16).count(1025) == 2);
  CHECK(row_tiles::of(1024, 1).count(7) == 7);
  CHECK(row_tiles::of(1025, 1).count(7) == 14);
  CHECK(row_tiles::of(std::size_t{1} << 31, 1).count(3) == 3u << 21);
  CHECK(row_tiles::of(1, 1).count(4'294'963'199u) == 4'194'300);
}

TEST_CASE("row tiles: the widest vector that sizes and addresses allow", "[gpu]") {
  const auto* base = reinterpret_cast<const char*>(std::uintptr_t{1} << 20);
  using gpu::detail::vector_width;
  CHECK(vector_width(48, base, base) == 16);
  CHECK(vector_width(40, base, base) == 8);
  CHECK(vector_width(48, base + 4, base) == 4);
  CHECK(vector_width(48, base, base + 2) == 2);
  CHECK(vector_width(31, base, base) == 1);
}
