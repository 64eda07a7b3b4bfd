// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The second random word of a decision, which few need.
#pragma once

#include <gradsieve/config.hpp>

#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Where a rule takes a second word from when its own does not decide a tie: a callable, so that
//! nobody draws it in vain. This one is for rules that never ask.
struct no_tie_word {
  GRADSIEVE_HOST_DEVICE constexpr std::uint32_t operator()() const { return 0; }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
