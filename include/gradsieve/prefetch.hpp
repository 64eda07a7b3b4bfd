// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Hints about memory that is needed soon; nothing where a compiler has no word for them.
#pragma once

#include <gradsieve/config.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Asks for a cache line that will be read.
inline void prefetch([[maybe_unused]] const void* at) {
#if defined(__GNUC__)
  __builtin_prefetch(at, 0);
#endif
}

//! Asks for a cache line that will be changed.
inline void prefetch_to_change([[maybe_unused]] const void* at) {
#if defined(__GNUC__)
  __builtin_prefetch(at, 1);
#endif
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
