// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Little-endian reading and writing of plain values, checked at every step.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Bytes that are not a state of ours, or not one that fits this object.
class state_error : public error {
 public:
  using error::error;
};

//! Writes values, least significant byte first: into a buffer of its own, or into room that the
//! caller has, which may be none, to find out how much is needed.
class byte_writer {
 public:
  byte_writer() = default;
  //! Writes what fits into `room` and counts on. @param room  outlives the writer
  explicit byte_writer(detail::slice<std::byte> room) : room_(room), own_(false) {}

  template <std::integral T>
  void put(T value) {
    append(static_cast<std::uint64_t>(value), sizeof(T));
  }
  template <class T>
  requires std::is_enum_v<T>
  void put(T value) { put(static_cast<std::underlying_type_t<T>>(value)); }
  void put(bool value) { put(std::uint8_t{value}); }
  //! The bytes alone, without a count.
  void put(detail::slice<const std::byte> bytes) { append(bytes.data(), bytes.size()); }

  //! A count, then the values.
  template <std::integral T>
  void put(detail::slice<const T> values) {
    put(static_cast<std::uint64_t>(values.size()));
    if (own_) bytes_.reserve(bytes_.size() + values.size() * sizeof(T));
    for (std::size_t i = 0; i < values.size(); ++i) put(values[i]);
  }
  template <std::integral T>
  void put(std::span<const T> values) {
    put(detail::slice(values));
  }
  void put(std::string_view text) {
    for (const char letter : text) put(static_cast<std::uint8_t>(letter));
  }

  //! Bytes written so far, and those that found no room.
  std::size_t size() const { return own_ ? bytes_.size() : size_; }
  //! @pre made without room
  const detail::buffer<std::byte>& view() const { return bytes_; }

 private:
  void append(std::uint64_t bits, std::size_t count) {
    std::byte little[8];
    for (std::size_t i = 0; i < 8; ++i) little[i] = static_cast<std::byte>(bits >> (8 * i));
    append(little, count);
  }
  void append(const std::byte* from, std::size_t count) {
    if (own_) return bytes_.append(from, count);
    if (count != 0 && size_ <= room_.size() && count <= room_.size() - size_) {
      std::memcpy(room_.data() + size_, from, count);
    }
    size_ += count;
  }

  detail::buffer<std::byte> bytes_;
  detail::slice<std::byte> room_;
  std::size_t size_ = 0;
  bool own_ = true;
};

//! Reads what a `byte_writer` wrote. @throws state_error at the first byte that is missing.
class byte_reader {
 public:
  explicit byte_reader(std::span<const std::byte> bytes)
      : byte_reader(bytes.data(), bytes.size()) {}
  byte_reader(const std::byte* bytes, std::size_t count) : at_(bytes), end_(bytes + count) {}

  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  template <std::integral T>
  T get() {
    return static_cast<T>(next(sizeof(T)));
  }

  bool flag(std::string_view name) {
    const auto value = get<std::uint8_t>();
    if (value > 1) detail::fail<state_error>("state: ", name, " is ", value, ", not 0 or 1");
    return value != 0;
  }

  //! A count and its values; no memory is taken for a count that the bytes left cannot hold.
  template <std::integral T>
  detail::buffer<T> list(std::string_view name) {
    const auto count = get<std::uint64_t>();
    if (count > left() / sizeof(T)) {
      detail::fail<state_error>("state: ", name, " claims ", count, " values, but ", left(),
                                " bytes are left");
    }
    detail::buffer<T> values(static_cast<std::size_t>(count));
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
  std::uint64_t next(std::size_t count) {
    if (left() < count) {
      detail::fail<state_error>("state: truncated, ", count, " bytes wanted and ", left(), " left");
    }
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < count; ++i) {
      bits |= static_cast<std::uint64_t>(*at_++) << (8 * i);
    }
    return bits;
  }

  const std::byte* at_;
  const std::byte* end_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
