// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A history that knows the last batch alone: percentiles within a batch.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>
#include <gradsieve/history/history.hpp>
#include <gradsieve/history/sort_keys.hpp>
#include <gradsieve/state/bytes.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! The finite losses of the batch pushed last, at most `capacity` of them: the last ones of a
//! longer batch. A batch without any finite loss leaves it empty. A sieve needs `min_fill = 1`, or
//! a batch shorter than the capacity is all selected; batches of another length than the last
//! recompile the policy, O(length). 8 bytes a loss.
class batch_history {
 public:
  //! @throws invalid_argument unless 1 <= capacity <= 2^24.
  explicit batch_history(std::size_t capacity) {
    if (capacity < 1 || capacity > std::size_t{1} << 24) {
      detail::fail<invalid_argument>("batch_history: capacity is ", capacity,
                                     ", it must be in [1, 16777216]");
    }
    keys_.resize(capacity);
    spare_.resize(capacity);
  }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return keys_.size(); }

  void push_keys(std::span<const loss_key> keys) {
    size_ = 0;
    for (std::size_t i = keys.size(); i > 0 && size_ < capacity(); --i) {
      if (is_finite(keys[i - 1])) keys_[size_++] = keys[i - 1];
    }
    detail::sort_keys(keys_.room(size_), spare_.room());
  }

  void write_sorted_keys(std::span<loss_key> out) const {
    for (std::size_t i = 0; i < size_; ++i) out[i] = keys_[i];
  }

  //! @name State: the sorted keys
  //! @{
  void write(byte_writer& out) const {
    out.put(std::uint64_t{capacity()});
    out.put(keys_.first(size_));
  }
  void read(byte_reader& in) {
    in.expect("a history of", std::uint64_t{capacity()});
    const detail::buffer<loss_key> keys = in.list<loss_key>("history");
    if (keys.size() > capacity() || !detail::all_finite(keys.view()) ||
        !detail::ascending(keys.view())) {
      detail::fail<state_error>("state: not the sorted losses of a batch, ", keys.size(),
                                " of them for ", capacity());
    }
    for (std::size_t i = 0; i < keys.size(); ++i) keys_[i] = keys[i];
    size_ = keys.size();
  }
  //! @}

 private:
  detail::buffer<loss_key> keys_, spare_;
  std::size_t size_ = 0;
};

static_assert(history<batch_history>);

}  // namespace gradsieve::inline GRADSIEVE_ABI
