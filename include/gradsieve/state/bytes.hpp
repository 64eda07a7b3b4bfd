// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Little-endian reading and writing of plain values, checked at every step.
#pragma once

#include <gradsieve/error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Bytes that are not a state of ours, or not one that fits this object.
class state_error : public error {
 public:
  using error::error;
};

//! Appends values to a byte vector, least significant byte first.
class byte_writer {
 public:
  template <std::integral T>
  void put(T value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<std::byte>(bits >> (8 * i)));
    }
  }
  template <class T>
  requires std::is_enum_v<T>
  void put(T value) { put(static_cast<std::underlying_type_t<T>>(value)); }
  void put(bool value) { put(std::uint8_t{value}); }

  //! A count, then the values.
  template <std::integral T>
  void put(std::span<const T> values) {
    put(static_cast<std::uint64_t>(values.size()));
    bytes_.reserve(bytes_.size() + values.size_bytes());
    for (const T value : values) put(value);
  }

  std::span<const std::byte> view() const { return bytes_; }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

//! Reads what a `byte_writer` wrote. @throws state_error at the first byte that is missing.
class byte_reader {
 public:
  explicit byte_reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t left() const { return bytes_.size(); }

  template <std::integral T>
  T get() {
    if (bytes_.size() < sizeof(T)) {
      detail::fail<state_error>("state: truncated, ", sizeof(T), " bytes wanted and ",
                                bytes_.size(), " left");
    }
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bits |= static_cast<std::uint64_t>(bytes_[i]) << (8 * i);
    }
    bytes_ = bytes_.subspan(sizeof(T));
    return static_cast<T>(bits);
  }

  bool flag(std::string_view name) {
    const auto value = get<std::uint8_t>();
    if (value > 1) detail::fail<state_error>("state: ", name, " is ", value, ", not 0 or 1");
    return value != 0;
  }

  //! A count and its values; no memory is taken for a count that the bytes left cannot hold.
  template <std::integral T>
  std::vector<T> list(std::string_view name) {
    const auto count = get<std::uint64_t>();
    if (count > bytes_.size() / sizeof(T)) {
      detail::fail<state_error>("state: ", name, " claims ", count, " values, but ", bytes_.size(),
                                " bytes are left");
    }
    std::vector<T> values(static_cast<std::size_t>(count));
    for (T& value : values) value = get<T>();
    return values;
  }

  //! Reads a value that must be what this object has.
  template <std::integral T>
  void expect(std::string_view name, T here) {
    const T saved = get<T>();
    if (saved != here) {
      detail::fail<state_error>("state: saved with ", name, " ", saved, ", but this object has ",
                                here);
    }
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
