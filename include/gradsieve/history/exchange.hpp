// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Takes some keys out of a sorted window and puts others in, in one pass.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/history/sort_keys.hpp>
#include <gradsieve/history/sorted_window.hpp>
#include <gradsieve/wide/path.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Workspace of `exchange`.
class key_exchange {
 public:
  explicit key_exchange(std::size_t capacity)
      : shift_(capacity + 1), count_(capacity + 1), rank_(capacity) {}

  //! Fills `to` with the keys of `from`, without `out` and with `in`, ascending. Neither `in` nor
  //! `out` need be sorted: no branch depends on a key, but where several new ones fall between two
  //! old ones. O(size + n log size).
  //! @param in  its contents are lost
  //! @pre `out` is a sub-multiset of `from`; `in` is no longer than the capacity
  void operator()(const sorted_window& from, slice<loss_key> in, slice<const loss_key> out,
                  sorted_window& to) {
    const window_view old = from.view();
    const std::size_t size = from.size();
    const loss_key* keys = from.entries().data();
    loss_key* target = to.resize(size + in.size() - out.size()).data();
    // Sums of shift, modulo 2^32, tell how far each entry moves.
    const wide_kernels* wide = wide_path();
    ranks(wide, old, out.data(), out.size(), rank_.data());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::uint32_t rank = rank_[i];
      --shift_[rank + count_[rank]++ + 1];  // of equal entries, each time the next
    }
    for (std::size_t i = 0; i <= size; ++i) count_[i] = 0;
    ranks(wide, old, in.data(), in.size(), rank_.data());
    for (std::size_t i = 0; i < in.size(); ++i) {
      ++shift_[rank_[i]];
      ++count_[rank_[i]];
    }
    // An entry that leaves is overwritten, by the next one or by a new key.
    std::uint32_t place = 0;
    for (std::size_t i = 0; i <= size; ++i) {
      place += shift_[i];
      shift_[i] = place;
      target[place++] = keys[i];  // the upper sentinel is the last
    }
    // shift[r] is now where entry r stands; the new keys of rank r go right before it.
    for (std::size_t i = 0; i < in.size(); ++i) target[--shift_[rank_[i]]] = in[i];
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::uint32_t n = count_[rank_[i]];
      count_[rank_[i]] = 0;
      if (n > 1) sort_keys({target + shift_[rank_[i]], n}, in);
    }
    for (std::size_t i = 0; i <= size; ++i) shift_[i] = 0;
  }

 private:
  buffer<std::uint32_t> shift_, count_, rank_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
