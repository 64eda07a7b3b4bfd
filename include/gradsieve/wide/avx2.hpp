// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The wide loops on AVX2: eight lanes. Compiler builtins, since <immintrin.h> takes a
//! compiler half a second.
#pragma once

#include <gradsieve/wide/kernels.hpp>

#if GRADSIEVE_WIDE >= 256

#define GRADSIEVE_TARGET [[gnu::target("avx2,popcnt")]]

namespace gradsieve::inline GRADSIEVE_ABI::detail::avx2 {

inline constexpr std::size_t lanes = 8;
using signed_lanes __attribute__((vector_size(32))) = std::int32_t;
using unsigned_lanes __attribute__((vector_size(32))) = std::uint32_t;
using wide_lanes __attribute__((vector_size(32))) = std::uint64_t;

//! Counters in the order that makes `store_blocks` store them in order.
inline constexpr std::uint64_t counter_of_lane[4] = {0, 2, 1, 3};

//! The products of the lower halves.
GRADSIEVE_TARGET inline wide_lanes multiply(wide_lanes a, wide_lanes b) {
  using v8si __attribute__((vector_size(32))) = int;
  return wide_lanes(__builtin_ia32_pmuludq256(v8si(a), v8si(b)));
}

GRADSIEVE_TARGET inline wide_lanes swap_halves(wide_lanes a) {
  const auto b = unsigned_lanes(a);
  return wide_lanes(__builtin_shufflevector(b, b, 1, 0, 3, 2, 5, 4, 7, 6));
}

//! Stores four blocks, each given as the words 0 and 1 in a lane of `xy`, 2 and 3 in one of `zw`.
GRADSIEVE_TARGET inline void store_blocks(wide_lanes xy, wide_lanes zw, std::uint32_t* out) {
  const wide_lanes low = __builtin_shufflevector(xy, zw, 0, 4, 2, 6);
  const wide_lanes high = __builtin_shufflevector(xy, zw, 1, 5, 3, 7);
  __builtin_memcpy(out, &low, sizeof low);
  __builtin_memcpy(out + lanes, &high, sizeof high);
}

//! Of two vectors in memory order, every second lane: from the first on, from the second on.
GRADSIEVE_TARGET inline signed_lanes even_lanes(signed_lanes a, signed_lanes b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}
GRADSIEVE_TARGET inline signed_lanes odd_lanes(signed_lanes a, signed_lanes b) {
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

//! table[index], 32 bits each.
GRADSIEVE_TARGET inline signed_lanes gather(const void* table, unsigned_lanes index) {
  using v8si __attribute__((vector_size(32))) = int;
  const auto* base = static_cast<const int*>(table);
  v8si all = v8si{} - 1;
#if defined(__clang__)
  return __builtin_ia32_gatherd_d256(v8si{}, base, v8si(index), all, 4);
#else
  // gcc 12 drops the zero if it knows that all lanes are read, and then every gather waits for the
  // one before, whose register it merges into.
  __asm__("" : "+x"(all));
  return __builtin_ia32_gathersiv8si(v8si{}, base, v8si(index), all, 4);
#endif
}

//! A bit for each lane of a comparison's result.
GRADSIEVE_TARGET inline std::uint32_t bits(signed_lanes mask) {
  using v8sf __attribute__((vector_size(32))) = float;
  return static_cast<std::uint32_t>(__builtin_ia32_movmskps256(v8sf(mask)));
}

GRADSIEVE_TARGET inline std::uint32_t greater(signed_lanes a, signed_lanes b) {
  return bits(a > b);
}

//! The set bits of each byte, ascending from the lowest byte of its entry on.
struct set_bits_table {
  std::uint64_t of[256] = {};
  constexpr set_bits_table() {
    // In front of those of the byte without its lowest bit.
    for (std::uint32_t byte = 1; byte < 256; ++byte) {
      of[byte] = of[byte & (byte - 1)] << 8 | static_cast<unsigned>(__builtin_ctz(byte));
    }
  }
};
inline constexpr set_bits_table set_bits{};

//! Stores the lanes of `values` whose bit is set, side by side; returns how many. Writes `lanes`
//! values.
GRADSIEVE_TARGET inline std::size_t store_selected(std::uint32_t selected, unsigned_lanes values,
                                                   std::uint32_t* out) {
  using v8si __attribute__((vector_size(32))) = int;
#if defined(__clang__)
  using v8qi __attribute__((vector_size(8))) = std::uint8_t;
  const v8si order = __builtin_convertvector(v8qi(set_bits.of[selected]), v8si);
#else
  using v2di __attribute__((vector_size(16))) = std::uint64_t;
  using v16qi __attribute__((vector_size(16))) = char;
  const v8si order = __builtin_ia32_pmovzxbd256(v16qi(v2di{set_bits.of[selected]}));
#endif
  const v8si packed = __builtin_ia32_permvarsi256(v8si(values), order);
  __builtin_memcpy(out, &packed, sizeof packed);
  return static_cast<std::size_t>(__builtin_popcount(selected));
}

#include <gradsieve/wide/loops.hpp>

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail::avx2

#undef GRADSIEVE_TARGET

#endif
