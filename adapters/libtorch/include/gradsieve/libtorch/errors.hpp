// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the library refuses, as torch's own exceptions.
#pragma once

#include <gradsieve/error.hpp>

#include <c10/util/Exception.h>

#include <utility>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch::detail {

using gradsieve::detail::message_part;

//! Throws one of torch's errors with the message made of the pieces given.
template <class Error>
[[noreturn]] void refuse(const message_part& a, const message_part& b = {},
                         const message_part& c = {}, const message_part& d = {},
                         const message_part& e = {}, const message_part& f = {},
                         const message_part& g = {}) {
  std::string message = "gradsieve: ";
  for (const message_part* part : {&a, &b, &c, &d, &e, &f, &g}) part->append_to(message);
  throw Error({__func__, __FILE__, static_cast<std::uint32_t>(__LINE__)}, std::move(message));
}

//! Returns what `call` does. What the library throws in it comes out as `c10::IndexError` (an id or
//! epoch that does not exist), `c10::ValueError` (another argument, a policy, a loss), or
//! `c10::Error`, with the same message.
template <class Call>
decltype(auto) translated(Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const out_of_range& refused) {
    refuse<c10::IndexError>(refused.what());
  } catch (const invalid_argument& refused) {
    refuse<c10::ValueError>(refused.what());
  } catch (const policy_error& refused) {
    refuse<c10::ValueError>(refused.what());
  } catch (const non_finite_loss& refused) {
    refuse<c10::ValueError>(refused.what());
  } catch (const error& refused) {
    refuse<c10::Error>(refused.what());
  }
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch::detail
