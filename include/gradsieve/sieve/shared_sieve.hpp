// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sieve for several threads: a loader plans ahead while a trainer observes.
#pragma once

#include <gradsieve/sieve.hpp>
#include <gradsieve/sieve/shared_plan.hpp>

#include <mutex>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A sieve behind one lock. Every call may come from any thread; they run one after another, so a
//! call waits while another thread plans (a few passes over the ledger). What a call returns is the
//! caller's own, and no later call changes it.
//!
//! **The same ids in every run.** A plan is a pure function of the seed, the epoch and the losses
//! observed before it, and observations of different examples commute. Threads need no other order
//! than this: what was observed before each plan must not be left to chance. To plan epoch e + 1
//! when all batches of epoch e were observed is such an order; so is when all but the last three
//! were, and then the loader is never idle.
//!
//! **Ages.** An observation counts as a visit in the epoch planned last: those of epoch e that come
//! after plan(e + 1) are one epoch younger than they would be.
//!
//!     gradsieve::shared_sieve sieve({.examples = n, .policy = …});
//!     for (auto ids : sieve.plan(epoch).batches(128)) queue.push(load(ids));  // loader thread
//!     sieve.observe(batch.ids, losses);                                       // trainer thread
//!
//! This header is not part of <gradsieve/gradsieve.hpp>: who has one thread pays for no <mutex>.
template <class Sieve>
class basic_shared_sieve {
 public:
  explicit basic_shared_sieve(const typename Sieve::options_type& options) : sieve_(options) {}
  //! Takes over a sieve, such as one with a selector of its own.
  explicit basic_shared_sieve(Sieve owned) : sieve_(std::move(owned)) {}

  //! `basic_sieve::plan`, copied: the loader may keep several epochs' plans.
  shared_plan plan(std::uint32_t epoch) {
    return with([&](Sieve& one) { return shared_plan(one.plan(epoch)); });
  }

  //! `basic_sieve::observe`: losses of examples that were just trained on.
  template <class Ids, class Losses>
  void observe(const Ids& ids, const Losses& losses) {
    with([&](Sieve& one) { one.observe(ids, losses); });
  }
  //! `basic_sieve::refresh`: losses of examples that were forwarded without gradient.
  template <class Ids, class Losses>
  void refresh(const Ids& ids, const Losses& losses) {
    with([&](Sieve& one) { one.refresh(ids, losses); });
  }

  //! Calls `use(sieve)` while no other thread does anything, and returns what it returned: for all
  //! other calls. Views such as a selection must not leave `use`: copy what is needed. `use` must
  //! not call this object.
  //!
  //!     auto chosen = shared.with([&](auto& sieve) {
  //!       const auto ids = sieve.pick(batch.ids, losses).ids();
  //!       return std::vector(ids.begin(), ids.end());
  //!     });
  template <class Use>
  auto with(Use&& use) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::forward<Use>(use)(sieve_);
  }

 private:
  std::mutex mutex_;
  Sieve sieve_;
};

using shared_sieve = basic_shared_sieve<sieve>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
