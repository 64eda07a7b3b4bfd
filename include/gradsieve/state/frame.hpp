// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The frame around every saved state: magic, kind, version, size, payload, checksum.
#pragma once

#include <gradsieve/state/bytes.hpp>

#include <cstring>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What a saved state is of. Numbers are part of the format.
enum class state_kind : std::uint32_t {
  window = 1,
  ledger = 2,
  rule = 3,
  queue = 4,
  sieve = 5,
  columns = 6,
  keep_controller = 7,
  label_guard = 8,
  break_even_gate = 9,
  auditor = 10,
  automatic = 11,
  statistics = 16,  //!< the Boost adapter's
  epoch_method = 32,
  prioritised_replay = 33,
  evolved_sampling = 34,
};

namespace detail {

inline constexpr std::string_view state_magic = "grsieve\x1a";
inline constexpr std::uint32_t state_version = 1;
inline constexpr std::size_t state_head = 8 + 4 + 4 + 8;
inline constexpr std::size_t state_tail = 8;

//! FNV-1a, 64 bits. Every step is a bijection of the sum so far, so no change of a single byte goes
//! unnoticed.
constexpr std::uint64_t checksum(const std::byte* bytes, std::size_t count) {
  std::uint64_t sum = 0xcbf29ce484222325u;
  for (std::size_t i = 0; i < count; ++i) {
    sum = (sum ^ static_cast<std::uint64_t>(bytes[i])) * 0x100000001b3u;
  }
  return sum;
}

inline std::uint64_t checksum(const buffer<std::byte>& bytes) {
  return checksum(bytes.data(), bytes.size());
}

//! What messages call an object of this kind.
constexpr std::string_view name_of(std::uint32_t kind) {
  switch (static_cast<state_kind>(kind)) {
    case state_kind::window: return "loss_window";
    case state_kind::ledger: return "loss_ledger";
    case state_kind::rule: return "rule";
    case state_kind::queue: return "batch_queue";
    case state_kind::sieve: return "sieve";
    case state_kind::columns: return "loss_columns";
    case state_kind::keep_controller: return "keep_controller";
    case state_kind::label_guard: return "label_guard";
    case state_kind::break_even_gate: return "break_even_gate";
    case state_kind::auditor: return "auditor";
    case state_kind::automatic: return "automatic";
    case state_kind::statistics: return "statistics::observer";
    case state_kind::epoch_method: return "epoch_method";
    case state_kind::prioritised_replay: return "prioritised_replay";
    case state_kind::evolved_sampling: return "evolved_sampling";
  }
  return "unknown object";
}

}  // namespace detail

//! The state of `part`, which has `write(byte_writer&) const`, in its frame. Writes twice, the
//! first time to count, so that no more memory is taken than the result has.
//! @tparam Bytes  a container of `std::byte` that is made of a size and has `data()`. Members named
//! `save` take it with `std::vector<std::byte>` as its default: a template, since to make a
//! vector's type costs whoever never saves a tenth of what including the library does
template <class Bytes, class Part>
Bytes save_state(state_kind kind, const Part& part) {
  using namespace detail;
  byte_writer counted{slice<std::byte>()};
  part.write(counted);
  Bytes bytes(state_head + counted.size() + state_tail);
  byte_writer out(slice<std::byte>(bytes.data(), bytes.size()));
  out.put(state_magic);
  out.put(kind);
  out.put(state_version);
  out.put(std::uint64_t{counted.size()});
  part.write(out);
  if (out.size() != state_head + counted.size()) {
    fail<state_error>("state: written twice, a part made ", counted.size(), " bytes, then ",
                      out.size() - state_head);
  }
  out.put(checksum(bytes.data(), out.size()));
  return bytes;
}

//! The payload of a frame. @throws state_error, saying which, for foreign, truncated, changed,
//! newer or oversized bytes, and for the state of another kind of object.
inline byte_reader open_state(state_kind kind, std::span<const std::byte> bytes) {
  using namespace detail;
  if (bytes.size() < state_magic.size() ||
      std::memcmp(bytes.data(), state_magic.data(), state_magic.size()) != 0) {
    fail<state_error>("state: these bytes are not a gradsieve state");
  }
  byte_reader head(bytes.data() + state_magic.size(), bytes.size() - state_magic.size());
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
  const std::size_t body = bytes.size() - state_tail;
  if (byte_reader(bytes.data() + body, state_tail).get<std::uint64_t>() !=
      checksum(bytes.data(), body)) {
    fail<state_error>("state: the checksum does not match, the bytes were changed");
  }
  if (version == 0) fail<state_error>("state: version 0 never existed");
  if (saved_kind != static_cast<std::uint32_t>(kind)) {
    const auto here = static_cast<std::uint32_t>(kind);
    fail<state_error>("state: of kind ", saved_kind, ", ", name_of(saved_kind),
                      ", but this object is of kind ", here, ", ", name_of(here));
  }
  return byte_reader(bytes.data() + state_head, body - state_head);
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
