// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a sieve decided, for whoever watches it.
#pragma once

#include <gradsieve/key/loss_key.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! One decision, valid during the call that tells it: a pick, a weighing (which keeps everything)
//! or a part of a plan.
struct decision {
  //! What each example offered is ranked by: its last loss, or its score where there is one.
  //! `key_always` and `key_never` stand for examples without: the first must be selected, the
  //! second must not.
  std::span<const loss_key> keys;
  //! Positions in `keys`, ascending; a selector that draws with replacement repeats some.
  std::span<const std::uint32_t> selected;
  bool selective = false;  //!< whether it was a choice; else all are kept
};

//! Whom `sieve.watch` takes: any type with `void decided(const decision&)`.
template <class O>
concept decision_observer = requires(O& observer, const decision& made) {
  observer.decided(made);
};

namespace detail {

//! A non-owning reference to an observer of any type; empty by default. Trivially copyable.
class observer_ref {
 public:
  observer_ref() = default;

  template <class Observer>
  explicit observer_ref(Observer& observer)
      : observer_(const_cast<void*>(static_cast<const void*>(&observer))) {
    static_assert(decision_observer<Observer>,
                  "gradsieve: an observer needs `void decided(const gradsieve::decision&)`");
    if constexpr (decision_observer<Observer>) {
      call_ = [](void* to, const decision& made) { static_cast<Observer*>(to)->decided(made); };
    }
  }

  explicit operator bool() const { return call_ != nullptr; }

  //! @pre not empty
  void operator()(const decision& made) const { call_(observer_, made); }

 private:
  void* observer_ = nullptr;
  void (*call_)(void*, const decision&) = nullptr;
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
