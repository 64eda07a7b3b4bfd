// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Rows of bytes for the tests of what moves rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

namespace test {

inline std::vector<unsigned char> random_bytes(std::size_t n, std::size_t seed) {
  std::mt19937 random(static_cast<std::uint32_t>(seed));
  std::vector<unsigned char> bytes(n);
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random());
  return bytes;
}

//! The same behind so many other bytes.
inline std::vector<unsigned char> shifted(const std::vector<unsigned char>& bytes,
                                          std::size_t shift) {
  std::vector<unsigned char> moved(shift, 0x77);
  moved.insert(moved.end(), bytes.begin(), bytes.end());
  return moved;
}

inline std::vector<std::uint32_t> random_positions(std::size_t n, std::size_t rows,
                                                   std::size_t seed) {
  std::mt19937 random(static_cast<std::uint32_t>(seed));
  std::vector<std::uint32_t> positions(n);
  for (std::uint32_t& p : positions) p = static_cast<std::uint32_t>(random() % rows);
  return positions;
}

//! n of the rows, ascending.
inline std::vector<std::uint32_t> ascending_positions(std::size_t n, std::size_t rows,
                                                      std::size_t seed) {
  std::mt19937 random(static_cast<std::uint32_t>(seed));
  std::vector<std::uint32_t> all(rows), some;
  std::iota(all.begin(), all.end(), 0u);
  std::sample(all.begin(), all.end(), std::back_inserter(some), n, random);
  return some;
}

inline void gather(const std::vector<unsigned char>& rows, std::size_t row_bytes,
                   const std::vector<std::uint32_t>& positions, std::size_t n,
                   unsigned char* target) {
  for (std::size_t j = 0; j < n; ++j) {
    std::memcpy(target + j * row_bytes, rows.data() + positions[j] * row_bytes, row_bytes);
  }
}

}  // namespace test
