// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a method says of itself: the columns of the table that programs and docs print.
#pragma once

#include <gradsieve/config.hpp>

#include <cstdint>
#include <string_view>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! Ways into a trainer; a method may offer several.
enum class hook : std::uint8_t {
  pick = 1,     //!< after the forward pass of a batch
  plan = 2,     //!< an epoch at a time, before any forward pass
  draw = 4,     //!< a batch at a time, before its forward pass
  weights = 8,  //!< nothing is dropped
};
constexpr hook operator|(hook a, hook b) {
  return static_cast<hook>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool has(hook set, hook one) {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(one)) != 0;
}

//! A method at a glance. `example_bytes` is what its saved state needs for each example of the data
//! set. Those that need none keep a ledger of 8 bytes all the same when the number of examples is
//! given, and the same bytes in memory unless their page says otherwise.
struct method_info {
  std::string_view name;     //!< as in file names: info_batch
  std::string_view source;   //!< authors, year, arXiv number or venue
  std::string_view rule;     //!< who is trained, in a few words
  std::string_view weights;  //!< of the losses of those trained; "-": none
  std::string_view cost;     //!< n: the batch (of a plan, the data set), H: the history
  hook hooks = hook::pick;
  std::uint32_t example_bytes = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
