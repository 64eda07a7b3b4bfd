// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file State as bytes: lists of numbers, each with its length.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace training {

class state_writer {
 public:
  template <class T>
  void add(std::span<const T> values) {
    static_assert(std::is_arithmetic_v<T> && std::endian::native == std::endian::little);
    const std::uint64_t count = values.size();
    append(std::as_bytes(std::span(&count, 1)));
    append(std::as_bytes(values));
  }
  std::vector<std::byte> bytes() && { return std::move(bytes_); }

 private:
  void append(std::span<const std::byte> more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
  }

  std::vector<std::byte> bytes_;
};

//! Gives the lists back in their order.
class state_reader {
 public:
  explicit state_reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  //! @param what  names the values in a message
  //! @throws std::runtime_error if another number of them was saved, or less than a list is left
  template <class T>
  void read(std::string_view what, std::span<T> into) {
    std::uint64_t count = 0;
    take(std::as_writable_bytes(std::span(&count, 1)));
    if (count != into.size()) {
      throw std::runtime_error("saved with " + std::to_string(count) + ' ' + std::string(what) +
                               ", this run has " + std::to_string(into.size()));
    }
    take(std::as_writable_bytes(into));
  }
  //! The same of as many as were saved.
  template <class T>
  std::vector<T> list() {
    std::uint64_t count = 0;
    take(std::as_writable_bytes(std::span(&count, 1)));
    if (count > rest_.size() / sizeof(T)) throw std::runtime_error("a state ends too early");
    std::vector<T> values(count);
    take(std::as_writable_bytes(std::span(values)));
    return values;
  }

 private:
  void take(std::span<std::byte> into) {
    if (rest_.size() < into.size()) throw std::runtime_error("a network's state ends too early");
    std::ranges::copy(rest_.first(into.size()), into.begin());
    rest_ = rest_.subspan(into.size());
  }

  std::span<const std::byte> rest_;
};

}  // namespace training
