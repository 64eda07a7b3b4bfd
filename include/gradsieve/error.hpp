// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What happens on bad input: exceptions derived from `gradsieve::error`, or the failure
//! handler.
#pragma once

#include <gradsieve/config.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Base of everything the library throws. The message names the argument and both values.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

//! An option or argument that can never be right: a zero capacity, sizes that differ.
class invalid_argument : public error {
 public:
  using error::error;
};

//! An id or epoch outside of what the object holds.
class out_of_range : public error {
 public:
  using error::error;
};

//! A policy that returned NaN or left [0, 1]; the message names the percentile.
class policy_error : public error {
 public:
  using error::error;
};

//! A NaN or infinite loss under `non_finite::raise`.
class non_finite_loss : public error {
 public:
  using error::error;
};

//! Called instead of throwing in builds without exceptions. It must not return; if it does, the
//! library calls `std::abort`.
using failure_handler = void (*)(const char* message);

namespace detail {

inline void print_failure(const char* message) { std::fprintf(stderr, "gradsieve: %s\n", message); }

inline constinit std::atomic<failure_handler> current_failure_handler{&print_failure};

//! A piece of a message: text or a number. One type for all, since a function for every combination
//! of pieces would be a good part of what including the library costs.
class message_part {
 public:
  constexpr message_part() = default;
  constexpr message_part(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  constexpr message_part(std::string_view text)              // NOLINT(google-explicit-constructor)
      : text_(text) {}
  constexpr message_part(double value)  // NOLINT(google-explicit-constructor)
      : real_(value), what_(kind::real) {}
  template <std::integral T>
  constexpr message_part(T value)  // NOLINT(google-explicit-constructor)
      : magnitude_(static_cast<std::uint64_t>(value)), what_(kind::positive) {
    if constexpr (std::signed_integral<T>) {
      if (value < 0) {
        magnitude_ = 0 - magnitude_;
        what_ = kind::negative;
      }
    }
  }

  void append_to(std::string& message) const {
    char digits[32];
    switch (what_) {
      case kind::text: message.append(text_.data(), text_.size()); return;
      case kind::real: std::snprintf(digits, sizeof digits, "%.9g", real_); break;
      case kind::positive:
      case kind::negative:
        std::snprintf(digits, sizeof digits, "%s%llu", what_ == kind::negative ? "-" : "",
                      static_cast<unsigned long long>(magnitude_));
        break;
    }
    message += digits;
  }

 private:
  enum class kind : std::uint8_t { text, real, positive, negative };

  std::string_view text_;
  double real_ = 0;
  std::uint64_t magnitude_ = 0;
  kind what_ = kind::text;
};

//! The pieces in one string.
inline std::string compose(const message_part (&parts)[8]) {
  std::string message;
  for (const message_part& part : parts) part.append_to(message);
  return message;
}

//! Throws `Error` (or calls the failure handler) with the message made of the pieces given.
template <class Error>
[[noreturn]] void fail(const message_part& a, const message_part& b = {},
                       const message_part& c = {}, const message_part& d = {},
                       const message_part& e = {}, const message_part& f = {},
                       const message_part& g = {}, const message_part& h = {}) {
  const message_part parts[] = {a, b, c, d, e, f, g, h};
  const std::string message = compose(parts);
#if GRADSIEVE_HAS_EXCEPTIONS
  throw Error(message);
#else
  current_failure_handler.load()(message.c_str());
  std::abort();
#endif
}

}  // namespace detail

//! Replaces the failure handler and returns the one before; null restores the default, which prints
//! to stderr. Only builds without exceptions ever call it. Safe to call from any thread.
inline failure_handler set_failure_handler(failure_handler handler) noexcept {
  return detail::current_failure_handler.exchange(handler != nullptr ? handler
                                                                     : &detail::print_failure);
}

}  // namespace gradsieve::inline GRADSIEVE_ABI
