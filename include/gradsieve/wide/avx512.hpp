// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The wide loops on AVX-512: sixteen lanes, by compiler builtins.
#pragma once

#include <gradsieve/wide/kernels.hpp>

#if GRADSIEVE_WIDE >= 512

#define GRADSIEVE_TARGET [[gnu::target("avx512f,popcnt")]]

namespace gradsieve::inline GRADSIEVE_ABI::detail::avx512 {

inline constexpr std::size_t lanes = 16;
using signed_lanes __attribute__((vector_size(64))) = std::int32_t;
using unsigned_lanes __attribute__((vector_size(64))) = std::uint32_t;
using wide_lanes __attribute__((vector_size(64))) = std::uint64_t;

//! Counters in the order that makes `store_blocks` store them in order.
inline constexpr std::uint64_t counter_of_lane[8] = {0, 4, 1, 5, 2, 6, 3, 7};

//! The products of the lower halves.
GRADSIEVE_TARGET inline wide_lanes multiply(wide_lanes a, wide_lanes b) {
#if defined(__clang__)
  return wide_lanes(__builtin_ia32_pmuludq512(signed_lanes(a), signed_lanes(b)));
#else
  using v8di __attribute__((vector_size(64))) = long long;
  return wide_lanes(__builtin_ia32_pmuludq512_mask(signed_lanes(a), signed_lanes(b), v8di{}, 255));
#endif
}

GRADSIEVE_TARGET inline wide_lanes swap_halves(wide_lanes a) {
  const auto b = unsigned_lanes(a);
  return wide_lanes(
      __builtin_shufflevector(b, b, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
}

//! Stores eight blocks, each given as the words 0 and 1 in a lane of `xy`, 2 and 3 in one of `zw`.
GRADSIEVE_TARGET inline void store_blocks(wide_lanes xy, wide_lanes zw, std::uint32_t* out) {
  const wide_lanes low = __builtin_shufflevector(xy, zw, 0, 8, 2, 10, 4, 12, 6, 14);
  const wide_lanes high = __builtin_shufflevector(xy, zw, 1, 9, 3, 11, 5, 13, 7, 15);
  __builtin_memcpy(out, &low, sizeof low);
  __builtin_memcpy(out + lanes, &high, sizeof high);
}

//! Of two vectors in memory order, every second lane: from the first on, from the second on.
GRADSIEVE_TARGET inline signed_lanes even_lanes(signed_lanes a, signed_lanes b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
GRADSIEVE_TARGET inline signed_lanes odd_lanes(signed_lanes a, signed_lanes b) {
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

//! table[index], 32 bits each.
GRADSIEVE_TARGET inline signed_lanes gather(const void* table, unsigned_lanes index) {
#if defined(__clang__)
  return __builtin_ia32_gathersiv16si(signed_lanes{}, table, signed_lanes(index), 0xffff, 4);
#else
  // gcc 12 drops the zero if it knows that all lanes are read, and then every gather waits for the
  // one before, whose register it merges into.
  std::uint16_t all = 0xffff;
  __asm__("" : "+Yk"(all));
  return __builtin_ia32_gathersiv16si(signed_lanes{}, table, signed_lanes(index),
                                      static_cast<short>(all), 4);
#endif
}

//! A bit for each lane of a comparison's result.
GRADSIEVE_TARGET inline std::uint32_t bits(signed_lanes mask) {
  return __builtin_ia32_cmpd512_mask(mask, signed_lanes{}, 1, std::uint16_t{0xffff});
}

GRADSIEVE_TARGET inline std::uint32_t greater(signed_lanes a, signed_lanes b) {
  return __builtin_ia32_cmpd512_mask(b, a, 1, std::uint16_t{0xffff});
}

//! Stores the lanes of `values` whose bit is set, side by side; returns how many. Writes `lanes`
//! values.
GRADSIEVE_TARGET inline std::size_t store_selected(std::uint32_t selected, unsigned_lanes values,
                                                   std::uint32_t* out) {
  const signed_lanes packed = __builtin_ia32_compresssi512_mask(
      signed_lanes(values), signed_lanes{}, static_cast<std::uint16_t>(selected));
  __builtin_memcpy(out, &packed, sizeof packed);
  return static_cast<std::size_t>(__builtin_popcount(selected));
}

#include <gradsieve/wide/loops.hpp>

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail::avx512

#undef GRADSIEVE_TARGET

#endif
