// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Ids of any integer type as 64-bit ids.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/key/loss_key.hpp>


namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! A reused buffer for ids that are not 64 bits wide already; those are passed through in place.
class id_buffer {
 public:
  void reserve(std::size_t n) { wide_.reserve(n); }

  template <class Id>
  std::span<const std::int64_t> widen(std::span<Id> ids) {
    if constexpr (std::same_as<std::remove_cv_t<Id>, std::int64_t>) {
      return ids;
    } else {
      wide_.assign(ids.data(), ids.size());
      return wide_.view();
    }
  }

 private:
  detail::buffer<std::int64_t> wide_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
