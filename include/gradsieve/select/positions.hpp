// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Positions within a batch have 32 bits.
#pragma once

#include <gradsieve/error.hpp>

#include <cstddef>
#include <string_view>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! @throws invalid_argument for 2^32 examples or more.
inline void check_positions(std::string_view call, std::size_t n) {
  if (n > 0xffffffffu) {
    fail<invalid_argument>(call, ": ", n, " examples, there must be fewer than 2^32");
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
