// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The library's own storage: the part of a vector that it needs, at a fraction of its
//! compile time.
#pragma once

#include <gradsieve/config.hpp>
#include <gradsieve/slice.hpp>

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

inline void exchange(std::size_t& a, std::size_t& b) noexcept {
  const std::size_t old = a;
  a = b;
  b = old;
}

//! Growing array of trivially copyable elements, named as in `std::vector`, whose instantiations
//! made up half of what including this library cost. Iterators are pointers. New elements are
//! `T()`.
template <class T>
class buffer {
  static_assert(__is_trivially_copyable(T) && alignof(T) <= alignof(std::max_align_t));

 public:
  using value_type = T;

  buffer() = default;
  explicit buffer(std::size_t n, T value = T()) { resize(n, value); }
  buffer(const buffer& other) { assign(other.data_, other.size_); }
  buffer(buffer&& other) noexcept { swap(other); }
  buffer& operator=(const buffer& other) {
    if (this != &other) assign(other.data_, other.size_);
    return *this;
  }
  buffer& operator=(buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~buffer() { ::operator delete(data_); }

  void swap(buffer& other) noexcept {
    T* const data = data_;
    data_ = other.data_;
    other.data_ = data;
    exchange(size_, other.size_);
    exchange(capacity_, other.capacity_);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& front() { return *data_; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  //! The elements, to be read: all, the first n, or n from `start` on. @pre that many are there
  slice<const T> view() const { return {data_, size_}; }
  slice<const T> first(std::size_t n) const { return {data_, n}; }
  slice<const T> part(std::size_t start, std::size_t n) const { return {data_ + start, n}; }
  //! The same, to be written.
  slice<T> room() { return {data_, size_}; }
  slice<T> room(std::size_t n) { return {data_, n}; }

  void reserve(std::size_t n) {
    if (n <= capacity_) return;
    // A size beyond all memory, should the product overflow, is the allocator's to refuse.
    const std::size_t bytes = n > ~std::size_t{0} / sizeof(T) ? ~std::size_t{0} : n * sizeof(T);
    T* larger = static_cast<T*>(::operator new(bytes));
    const std::size_t kept = size_ < n ? size_ : n;  // size_, as the compiler cannot know
    for (std::size_t i = 0; i < kept; ++i) ::new (larger + i) T(data_[i]);
    ::operator delete(data_);
    data_ = larger;
    capacity_ = n;
  }
  void resize(std::size_t n, T value = T()) {
    reserve(n);
    for (std::size_t i = size_; i < n; ++i) ::new (data_ + i) T(value);
    size_ = n;
  }
  void clear() { size_ = 0; }
  void assign(std::size_t n, T value) {
    clear();
    resize(n, value);
  }
  //! Copies n elements of any type that converts. @pre they are not this buffer's own
  template <class U>
  void assign(const U* from, std::size_t n) {
    clear();
    reserve(n);
    if constexpr (std::is_same_v<T, U>) {
      if (n != 0) std::memcpy(static_cast<void*>(data_), from, n * sizeof(T));
      size_ = n;
    } else {
      for (; size_ < n; ++size_) ::new (data_ + size_) T(static_cast<T>(from[size_]));
    }
  }
  void push_back(T value) {
    if (size_ == capacity_) reserve(size_ < 4 ? 8 : 2 * size_);
    ::new (data_ + size_++) T(value);
  }
  //! Adds n elements. @pre they are not this buffer's own
  void append(const T* from, std::size_t n) {
    if (n > capacity_ - size_) reserve(n > size_ ? size_ + n : 2 * size_);
    if (n != 0) std::memcpy(static_cast<void*>(data_ + size_), from, n * sizeof(T));
    size_ += n;
  }
  void pop_back() { --size_; }
  //! Adds n elements whose values the caller sets; returns the first of them.
  T* extend(std::size_t n) {
    if (n > capacity_ - size_) reserve(size_ + (n > size_ ? n : size_));
    T* first = data_ + size_;
    size_ += n;
    return first;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

//! Copies all elements of `from`. @param to  has room for them
template <class T>
void copy_elements(const buffer<T>& from, T* to) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size() * sizeof(T));
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
