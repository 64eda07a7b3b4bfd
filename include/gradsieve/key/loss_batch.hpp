// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A batch of losses as keys, with NaN and infinities replaced as the user chose.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>
#include <gradsieve/key/loss_key.hpp>
#include <gradsieve/wide/path.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What becomes of an example whose loss is NaN or infinite. It never enters a history.
enum class non_finite : std::uint8_t {
  skip,    //!< it is not selected; a plan trains it until it has a finite loss
  select,  //!< it is selected with probability 1
  raise,   //!< the call throws `non_finite_loss` and changes nothing
};

//! A reused buffer of one batch's keys: finite, `key_never` or `key_always`.
class loss_batch {
 public:
  detail::slice<const loss_key> view() const { return keys_.view(); }
  std::size_t size() const { return keys_.size(); }
  void reserve(std::size_t n) { keys_.reserve(n); }

  //! How many losses of the last batch were NaN or infinite.
  std::size_t rejected() const { return rejected_; }

  //! Converts a batch. O(n). @throws invalid_argument for 2^32 losses or more; non_finite_loss,
  //! naming the first position, under `raise`.
  template <loss_value T>
  void assign(std::span<const T> losses, non_finite rule) {
    const std::size_t n = losses.size();
    if (n > 0xffffffffu) {
      detail::fail<invalid_argument>("a batch of ", n, " losses: positions have 32 bits");
    }
    const loss_key replacement = rule == non_finite::select ? key_always : key_never;
    keys_.resize(n);
    std::uint32_t finite = 0;  // 32 bits, as wide as the keys, so that the loop is one of vectors
    std::size_t done = 0;
    loss_key* out = keys_.data();
    if constexpr (std::same_as<T, float>) {
      if (const detail::wide_kernels* wide = detail::wide_path()) {
        done = n - n % wide->lanes;
        finite = wide->to_keys(losses.data(), done, replacement, out);
      }
    }
    for (; done < n; ++done) {
      const loss_key key = to_key(losses[done]);
      const bool good = is_finite(key);
      out[done] = good ? key : replacement;
      finite += std::uint32_t{good};
    }
    rejected_ = n - finite;
    if (rule == non_finite::raise && rejected_ != 0) {
      std::size_t at = 0;
      while (is_finite(to_key(losses[at]))) ++at;
      detail::fail<non_finite_loss>("the loss at position ", at, " is not finite (", rejected_,
                                    " of ", n, " are not)");
    }
  }

  //! The same for keys that are known already; `key_always` and `key_never` stay.
  template <class KeyAt>
  void assign_keys(std::size_t n, KeyAt key_at) {
    keys_.resize(n);
    for (std::size_t i = 0; i < n; ++i) keys_[i] = key_at(i);
    rejected_ = 0;
  }

 private:
  detail::buffer<loss_key> keys_;
  std::size_t rejected_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
