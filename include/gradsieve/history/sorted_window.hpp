// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Sorted keys between two sentinels: what a rule compares a loss against.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/key/loss_key.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Non-owning view of H sorted keys; trivially copyable, readable by kernels. `slots[0]` is
//! `key_below`, `slots[1..size]` ascend, `slots[size + 1]` is `key_above`.
struct window_view {
  const loss_key* slots = nullptr;
  std::uint32_t size = 0;

  //! #{h < key}, in [0, size]. O(log size), no branch that depends on the data.
  GRADSIEVE_HOST_DEVICE constexpr std::uint32_t rank(loss_key key) const {
    if (size == 0) return 0;
    const loss_key* base = slots + 1;
    std::uint32_t length = size;
    while (length > 1) {
      const std::uint32_t half = length / 2;
      base += half & (0u - std::uint32_t{base[half - 1] < key});  // ?: becomes a branch
      length -= half;
    }
    const auto below = static_cast<std::uint32_t>(base - (slots + 1));
    return below + (length == 1 && *base < key ? 1u : 0u);
  }
};

//! Owner of a `window_view`'s slots, with room for `capacity` keys.
class sorted_window {
 public:
  explicit sorted_window(std::size_t capacity) : slots_(capacity + 2, key_above) {
    slots_.front() = key_below;
  }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return slots_.size() - 2; }
  window_view view() const { return {slots_.data(), static_cast<std::uint32_t>(size_)}; }

  void swap(sorted_window& other) noexcept {
    slots_.swap(other.slots_);
    std::swap(size_, other.size_);
  }

  //! The sorted keys without their sentinels. A template for the sake of those who never ask
  //! (decision 13).
  template <class T = loss_key>
  std::span<const T> keys() const {
    return entries();
  }
  detail::slice<const loss_key> entries() const { return slots_.part(1, size_); }

  //! Room for `size` keys, to be filled in ascending order; sets the upper sentinel.
  //! @pre size <= capacity()
  detail::slice<loss_key> resize(std::size_t size) {
    size_ = size;
    slots_[size + 1] = key_above;
    return {slots_.data() + 1, size};
  }

 private:
  detail::buffer<loss_key> slots_;
  std::size_t size_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
