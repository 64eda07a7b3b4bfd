// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What happens on bad input: exceptions derived from `gradsieve::error`, or the failure
//! handler.
#pragma once

#include <gradsieve/config.hpp>

#include <atomic>
#include <concepts>
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

inline void append(std::string& text, std::string_view part) { text += part; }
inline void append(std::string& text, std::integral auto value) { text += std::to_string(value); }
inline void append(std::string& text, double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.9g", value);
  text += digits;
}

//! Throws `Error` (or calls the failure handler) with the message made of `parts`.
template <class Error, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::string message;
  (append(message, parts), ...);
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
