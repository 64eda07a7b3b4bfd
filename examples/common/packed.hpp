// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A value in a file that is whole or refused: CBOR (RFC 8949) within gzip (RFC 1952), whose
//! checksum and length give away what was cut off or changed.
#pragma once

#include <nlohmann/json.hpp>

#include <bit>
#include <cstring>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace packed {

//! Bytes that are not such a file. The text is one line, which names the file and what is wrong.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

//! Writes a file whole, under a temporary name, then renamed.
//! @throws std::runtime_error that names the file and the reason; an older file is then untouched
void write(const std::filesystem::path& file, const nlohmann::json& value);

//! @throws error
nlohmann::json read(const std::filesystem::path& file);

//! Values as bytes, for what must come back bit for bit and is too much for numbers one by one.
template <class T>
nlohmann::json blob(std::span<const T> values) {
  static_assert(std::is_trivially_copyable_v<T> && std::endian::native == std::endian::little);
  std::vector<std::uint8_t> bytes(values.size_bytes());
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return nlohmann::json::binary(std::move(bytes));
}

//! The values again. @throws nlohmann::json::exception, error
template <class T>
std::vector<T> values(const nlohmann::json& blob) {
  const auto& bytes = blob.get_binary();
  if (bytes.size() % sizeof(T) != 0) throw error("a list ends within a value");
  std::vector<T> list(bytes.size() / sizeof(T));
  if (!list.empty()) std::memcpy(list.data(), bytes.data(), bytes.size());
  return list;
}

}  // namespace packed
