// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The frame around every saved state: magic, kind, version, size, payload, checksum.
#pragma once

#include <gradsieve/state/bytes.hpp>

#include <algorithm>
#include <array>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What a saved state is of. Numbers are part of the format.
enum class state_kind : std::uint32_t { window = 1, ledger = 2, rule = 3, queue = 4, sieve = 5 };

namespace detail {

inline constexpr std::array<std::byte, 8> state_magic = {
    std::byte{'g'}, std::byte{'r'}, std::byte{'s'}, std::byte{'i'},
    std::byte{'e'}, std::byte{'v'}, std::byte{'e'}, std::byte{0x1a}};
inline constexpr std::uint32_t state_version = 1;
inline constexpr std::size_t state_head = 8 + 4 + 4 + 8;
inline constexpr std::size_t state_tail = 8;

//! FNV-1a, 64 bits. Every step is a bijection of the sum so far, so no change of a single byte goes
//! unnoticed.
constexpr std::uint64_t checksum(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0xcbf29ce484222325u;
  for (const std::byte byte : bytes) {
    sum = (sum ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3u;
  }
  return sum;
}

}  // namespace detail

//! The state of `part`, which has `write(byte_writer&) const`, in its frame.
template <class Part>
std::vector<std::byte> save_state(state_kind kind, const Part& part) {
  byte_writer payload;
  part.write(payload);
  byte_writer frame;
  for (const std::byte byte : detail::state_magic) frame.put(static_cast<std::uint8_t>(byte));
  frame.put(kind);
  frame.put(detail::state_version);
  frame.put(std::span<const std::uint8_t>(
      reinterpret_cast<const std::uint8_t*>(payload.view().data()), payload.view().size()));
  frame.put(detail::checksum(frame.view()));
  return frame.take();
}

//! The payload of a frame. @throws state_error, saying which, for foreign, truncated, changed,
//! newer or oversized bytes, and for the state of another kind of object.
inline byte_reader open_state(state_kind kind, std::span<const std::byte> bytes) {
  using namespace detail;
  if (bytes.size() < state_magic.size() ||
      !std::equal(state_magic.begin(), state_magic.end(), bytes.begin())) {
    fail<state_error>("state: these bytes are not a gradsieve state");
  }
  byte_reader head(bytes.subspan(state_magic.size()));
  const auto saved_kind = head.get<std::uint32_t>();
  const auto version = head.get<std::uint32_t>();
  const auto size = head.get<std::uint64_t>();
  if (version > state_version) {
    fail<state_error>("state: version ", version, " is newer than ", state_version,
                      ", which this library reads");
  }
  if (head.left() < state_tail || size > head.left() - state_tail) {
    fail<state_error>("state: truncated, a payload of ", size, " bytes is announced and ",
                      head.left() < state_tail ? 0 : head.left() - state_tail, " follow");
  }
  if (size != head.left() - state_tail) {
    fail<state_error>("state: ", head.left() - state_tail - size, " bytes too many");
  }
  const auto body = bytes.first(bytes.size() - state_tail);
  if (byte_reader(bytes.last(state_tail)).get<std::uint64_t>() != checksum(body)) {
    fail<state_error>("state: the checksum does not match, the bytes were changed");
  }
  if (version == 0) fail<state_error>("state: version 0 never existed");
  if (saved_kind != static_cast<std::uint32_t>(kind)) {
    fail<state_error>("state: of kind ", saved_kind, ", but this object is of kind ",
                      static_cast<std::uint32_t>(kind));
  }
  return byte_reader(body.subspan(state_head));
}

//! Reads `part` back by its `read(byte_reader&)`, into a copy: it is unchanged when anything
//! throws.
template <class Part>
void load_state(state_kind kind, Part& part, std::span<const std::byte> bytes) {
  byte_reader payload = open_state(kind, bytes);
  Part fresh = part;
  fresh.read(payload);
  if (payload.left() != 0) {
    detail::fail<state_error>("state: ", payload.left(), " bytes of the payload were not read");
  }
  part = std::move(fresh);
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
