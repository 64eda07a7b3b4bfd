// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the library's own parts hand each other in the place of a `std::span`, at a fraction
//! of its compile time.
#pragma once

#include <gradsieve/config.hpp>

#include <cstddef>
#include <span>
#include <type_traits>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! `size` elements in a row, to be read (const T) or written (T): what a `std::span` is, and turns
//! into one where one is asked for. To make a span of a pointer, g++ looks at all concepts of
//! iterators, for each element type anew, so only those who want one should pay (decision 13).
//! Without `begin` and `end`: of a range a span can be made in another way, and the two would be
//! ambiguous.
template <class T>
class slice {
 public:
  constexpr slice() = default;
  constexpr slice(T* data, std::size_t size) : data_(data), size_(size) {}
  //! The elements of a span, vector, array or buffer, but not of one of derived classes.
  template <class Container>
  requires requires(Container& c, T*& data, std::size_t& size) {
    data = c.data();
    size = c.size();
    requires sizeof(*c.data()) == sizeof(T);
  }
  constexpr slice(Container&& c) : data_(c.data()), size_(c.size()) {}  // NOLINT: implicit
  template <std::size_t N>
  constexpr slice(T (&elements)[N]) : data_(elements), size_(N) {}  // NOLINT: implicit
  // NOLINTBEGIN(google-explicit-constructor)
  template <class U>
  requires(std::is_same_v<U, T> || std::is_same_v<U, const T>) constexpr operator std::span<U>()
      const {
    return std::span<U>(data_, size_);
  }
  // NOLINTEND(google-explicit-constructor)
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T* data() const { return data_; }
  constexpr T& operator[](std::size_t i) const { return data_[i]; }
  constexpr T& back() const { return data_[size_ - 1]; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

template <class T, std::size_t N>
slice(const std::span<T, N>&) -> slice<T>;

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
