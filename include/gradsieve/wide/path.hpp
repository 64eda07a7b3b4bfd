// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The widest loops that the processor at hand can run.
#pragma once

#include <gradsieve/wide/avx2.hpp>
#include <gradsieve/wide/avx512.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Null where there is only the portable path. Asks the processor, not the compiler's flags, so a
//! program built for any x86-64 machine uses what it finds.
inline const wide_kernels* wide_path() {
#if GRADSIEVE_WIDE >= 512
  if (__builtin_cpu_supports("avx512f")) return &avx512::kernels;
#endif
#if GRADSIEVE_WIDE >= 256
  if (__builtin_cpu_supports("avx2")) return &avx2::kernels;
#endif
  return nullptr;
}

//! `window.rank` of each of n keys.
inline void ranks(const wide_kernels* wide, const window_view& window, const loss_key* keys,
                  std::size_t n, std::uint32_t* out) {
  std::size_t done = 0;
  if (wide != nullptr) {
    done = n - n % wide->lanes;
    wide->ranks(window, keys, done, out);
  }
  for (; done < n; ++done) out[done] = window.rank(keys[done]);
}

//! The places of `first` … `first + n - 1` in a random order.
inline void places(const wide_kernels* wide, const bijection& order, std::uint64_t first,
                   std::size_t n, std::int64_t* out) {
  std::size_t done = 0;
  if (wide != nullptr && order.table().rows >> 32 == 0) {
    done = n - n % wide->lanes;
    wide->encrypt(order.table(), first, done, out);
    for (std::size_t i = 0; i < done; ++i) {
      out[i] = static_cast<std::int64_t>(order.walk(static_cast<std::uint64_t>(out[i])));
    }
  }
  for (; done < n; ++done) out[done] = static_cast<std::int64_t>(order(first + done));
}

//! How many of n keys are finite.
inline std::size_t count_finite(const wide_kernels* wide, const loss_key* keys, std::size_t n) {
  std::size_t done = 0, count = 0;
  if (wide != nullptr) {
    done = n - n % wide->lanes;
    count = wide->count_finite(keys, done);
  }
  for (; done < n; ++done) count += std::size_t{is_finite(keys[done])};
  return count;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
