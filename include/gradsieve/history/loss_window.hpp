// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The last H losses, exactly, with a sorted view that is merged rather than sorted again.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>
#include <gradsieve/history/exchange.hpp>
#include <gradsieve/history/history.hpp>
#include <gradsieve/history/sort_keys.hpp>
#include <gradsieve/state/frame.hpp>

#include <algorithm>
#include <initializer_list>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Sliding window over the last `capacity` losses: Selective-Backprop's history.
//!
//! NaN and infinities never enter; `rejected()` counts them. Of a batch longer than the window, the
//! finite losses among its last `capacity` stay. Allocates in the constructor only.
class loss_window {
 public:
  //! @throws invalid_argument unless 1 <= capacity <= 2^24.
  explicit loss_window(std::size_t capacity)
      : ring_(checked(capacity)),
        in_(capacity),
        out_(capacity),
        sorted_(capacity),
        merged_(capacity),
        exchange_(capacity) {}

  std::size_t size() const { return sorted_.size(); }
  std::size_t capacity() const { return ring_.size(); }
  std::uint64_t rejected() const { return rejected_; }
  window_view view() const { return sorted_.view(); }

  //! Takes one batch of losses in order. O(n log n + capacity).
  template <class Losses>
  void push(const Losses& losses) {
    take(detail::slice(detail::loss_span(losses)), [](auto loss) { return to_key(loss); });
  }
  template <std::same_as<float> T = float>
  void push(std::initializer_list<std::type_identity_t<T>> losses) {
    push(std::span<const T>(losses.begin(), losses.size()));
  }
  void push_keys(detail::slice<const loss_key> keys) {
    take(keys, [](loss_key key) { return key; });
  }

  void write_sorted_keys(std::span<loss_key> out) const {
    const auto keys = sorted_.entries();
    for (std::size_t i = 0; i < keys.size(); ++i) out[i] = keys[i];
  }

  //! #{h < loss} / size(), in [0, 1]. @throws invalid_argument for an empty window or a loss that
  //! is not finite.
  template <loss_value T>
  double percentile(T loss) const {
    const loss_key key = to_key(loss);
    if (!is_finite(key)) detail::fail<invalid_argument>("percentile: the loss is not finite");
    if (size() == 0) detail::fail<invalid_argument>("percentile: the window holds no loss yet");
    return static_cast<double>(view().rank(key)) / static_cast<double>(size());
  }

  //! The entry of rank floor(q * size()), the largest for q = 1.
  //! @throws invalid_argument for an empty window or a q outside [0, 1].
  float quantile(double q) const {
    if (!detail::in_unit_interval(q))
      detail::fail<invalid_argument>("quantile: q is ", q, ", not in [0, 1]");
    if (size() == 0) detail::fail<invalid_argument>("quantile: the window holds no loss yet");
    const auto rank = static_cast<std::size_t>(q * static_cast<double>(size()));
    return to_loss(sorted_.entries()[(std::min)(rank, size() - 1)]);
  }

  //! @name State: the keys from the oldest to the newest
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::window, *this);
  }
  //! @throws state_error for bytes that are not a window's of this capacity; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::window, *this, bytes); }

  void write(byte_writer& out) const {
    out.put(std::uint64_t{capacity()});
    out.put(rejected_);
    detail::buffer<loss_key> keys(size());
    const std::size_t oldest = size() < capacity() ? 0 : head_;
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = ring_[(oldest + i) % capacity()];
    out.put(keys.view());
  }
  void read(byte_reader& in) {
    in.expect("a history of", std::uint64_t{capacity()});
    const auto rejected = in.get<std::uint64_t>();
    const detail::buffer<loss_key> keys = in.list<loss_key>("history");
    if (keys.size() > capacity() || !detail::all_finite(keys.view())) {
      detail::fail<state_error>("state: a history of ", keys.size(), " losses for ", capacity(),
                                ", or one that is not finite");
    }
    loss_window fresh(capacity());
    fresh.push_keys(keys.view());
    fresh.rejected_ = rejected;
    *this = std::move(fresh);
  }
  //! @}

 private:
  static std::size_t checked(std::size_t capacity) {
    if (capacity < 1 || capacity > (std::size_t{1} << 24)) {
      detail::fail<invalid_argument>("loss_window: capacity is ", capacity,
                                     ", it must be in [1, 16777216]");
    }
    return capacity;
  }

  template <class T, class ToKey>
  void take(detail::slice<const T> batch, ToKey key_of) {
    const std::size_t tail = (std::min)(batch.size(), capacity());
    const std::size_t head = batch.size() - tail;
    if constexpr (std::same_as<T, loss_key>) {
      rejected_ += head - detail::count_finite(detail::wide_path(), batch.data(), head);
    } else {
      for (std::size_t i = 0; i < head; ++i) {
        rejected_ += std::uint64_t{!is_finite(key_of(batch[i]))};
      }
    }
    std::size_t count = 0;
    for (std::size_t i = head; i < batch.size(); ++i) {
      const loss_key key = key_of(batch[i]);
      in_[count] = key;
      count += std::size_t{is_finite(key)};
    }
    rejected_ += tail - count;
    replace_oldest(count);
  }

  //! Puts the `count` keys of `in_` in the place of the oldest, in the ring and the sorted view.
  void replace_oldest(std::size_t count) {
    if (count == 0) return;
    const std::size_t filled = (std::min)(size() + count, capacity());
    const std::size_t evicted = size() + count - filled;
    for (std::size_t i = 0; i < count; ++i) {
      // While the window fills, head_ is also its size: the slot holds nothing to evict.
      if (i + evicted >= count) out_[i + evicted - count] = ring_[head_];
      ring_[head_] = in_[i];
      head_ = head_ + 1 == capacity() ? 0 : head_ + 1;
    }
    if (2 * count < filled) {
      exchange_(sorted_, in_.room(count), out_.first(evicted), merged_);
    } else {
      const auto keys = merged_.resize(filled);
      for (std::size_t i = 0; i < filled; ++i) keys[i] = ring_[i];
      detail::sort_keys(keys, out_.room());
    }
    sorted_.swap(merged_);
  }

  detail::buffer<loss_key> ring_, in_, out_;
  sorted_window sorted_, merged_;
  detail::key_exchange exchange_;
  std::size_t head_ = 0;
  std::uint64_t rejected_ = 0;
};

static_assert(history<loss_window>);

}  // namespace gradsieve::inline GRADSIEVE_ABI
