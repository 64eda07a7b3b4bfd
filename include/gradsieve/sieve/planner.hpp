// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Plans an epoch from a ledger: the same rule, against quantiles of all known losses.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/sieve/decision.hpp>
#include <gradsieve/sieve/example_book.hpp>
#include <gradsieve/sieve/plan.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Workspace of `plan`: the window of quantiles and the tables of its counting passes.
class planner {
 public:
  explicit planner(std::size_t history) : window_(history), keys_(chunk), positions_(chunk) {}

  //! All examples are trained, but those that were retired.
  void plan_all(const example_book& book, const draw_key& key, plan_state& out) {
    start(book, key, out);
    window_.resize(0);
    const ledger_view entries = book.ledger().entries();
    for (std::size_t id = 0; id < entries.size(); ++id) {
      if (entries[id].retired()) continue;
      out.train.push_back(static_cast<std::int64_t>(id));
      out.keys.push_back(key_always);
    }
    out.ready = true;
  }

  //! Draws the epoch `key.step` by `compiled`, whose size is the workspace's: a pure function of
  //! the book and the key. Four passes over the ledger, three of them only count.
  template <class Refresh>
  void plan(const example_book& book, const rule& compiled, const Refresh& refresh,
            const draw_key& key, plan_state& out) {
    const ledger_view entries = book.ledger().entries();
    // An example without a finite loss so far is trained, or it would never get one.
    const auto rank = [&](std::size_t id) { return book.rank_of_record(id, key.step, key_always); };
    if (quantiles_(entries.size(), rank, window_.resize(window_.capacity())) == 0) {
      return plan_all(book, key, out);
    }
    start(book, key, out);
    out.selective = true;
    const window_view window = window_.view();
    write_guards(compiled, window);
    const bool grouped = compiled.groups().count() != 0;
    for (std::size_t base = 0; base < entries.size(); base += chunk) {
      const std::size_t n = (std::min)(chunk, entries.size() - base);
      const group_id* groups = grouped ? book.groups().data() + base : nullptr;
      spared_.clear();
      for (std::size_t i = 0; i < n; ++i) {
        const ledger_entry& entry = entries[base + i];
        keys_[i] = rank(base + i);
        if (refresh.due(static_cast<std::int64_t>(base + i), entry.age(key.step), key.step) &&
            keys_[i] != key_never) {
          if (keys_[i] > guards_[group_at(groups, i)] && keys_[i] != key_always) {
            spared_.push_back(static_cast<std::uint32_t>(i));
          } else {
            keys_[i] = key_always;
          }
        }
        out.forced += std::uint64_t{keys_[i] == key_always};
      }
      const std::size_t count = poisson_selector{}.select(
          compiled.view(), window, key, {std::as_const(keys_).first(n), {}, base, groups},
          positions_.view());
      append(base, std::as_const(positions_).first(count), out);
    }
    out.ready = true;
  }

  //! Tells of a plan over this book, a chunk at a time. Of examples that were trained whatever
  //! their loss, the loss is told all the same.
  void tell(const observer_ref& watcher, const example_book& book, const plan_state& plan) {
    const std::int64_t* next = plan.train.begin();
    for (std::size_t base = 0; base < book.size(); base += chunk) {
      const std::size_t n = (std::min)(chunk, book.size() - base);
      for (std::size_t i = 0; i < n; ++i) {
        keys_[i] = book.rank_of_record(base + i, plan.epoch, key_always);
      }
      std::size_t count = 0;
      for (; next != plan.train.end() && *next < static_cast<std::int64_t>(base + n); ++next) {
        positions_[count++] = static_cast<std::uint32_t>(*next - static_cast<std::int64_t>(base));
      }
      watcher(
          {std::as_const(keys_).first(n), std::as_const(positions_).first(count), plan.selective});
    }
  }

  //! The quantiles that the last plan ranked against.
  window_view window() const { return window_.view(); }

  void write(byte_writer& out) const { out.put(window_.keys()); }
  void read(byte_reader& in) {
    const detail::buffer<loss_key> keys = in.list<loss_key>("quantiles");
    const bool sorted = std::is_sorted(keys.begin(), keys.end());
    const bool whole = keys.empty() || keys.size() == window_.capacity();
    if (!sorted || !whole || !std::all_of(keys.begin(), keys.end(), &is_finite)) {
      fail<state_error>("state: not the quantiles of a plan, ", keys.size(), " of them");
    }
    std::copy(keys.begin(), keys.end(), window_.resize(keys.size()).begin());
  }

 private:
  static constexpr std::size_t chunk = 4096;

  static void start(const example_book& book, const draw_key& key, plan_state& out) {
    out.ready = false;  // until all of it is there, should anything throw
    out.train.clear();
    out.keys.clear();
    out.refresh.clear();
    out.forced = 0;
    out.offered = static_cast<std::uint64_t>(book.ledger().size() - book.ledger().retired());
    out.epoch = key.step;
    out.order = key;
    out.order.use = purpose::order;
    out.selective = false;
  }

  //! For each group the loss above which the policy spares examples as suspicious.
  void write_guards(const rule& compiled, const window_view& window) {
    guards_.clear();
    const std::size_t groups = (std::max)(compiled.groups().count(), std::size_t{1});
    for (std::size_t g = 0; g < groups; ++g) {
      guards_.push_back(window.slots[compiled.guarded_rank(static_cast<group_id>(g))]);
    }
  }

  //! Adds a chunk's selected ids; those spared that were not selected need a refresh.
  void append(std::size_t base, std::span<const std::uint32_t> selected, plan_state& out) {
    auto skipped = spared_.begin();
    for (const std::uint32_t position : selected) {
      for (; skipped != spared_.end() && *skipped < position; ++skipped) {
        out.refresh.push_back(static_cast<std::int64_t>(base + *skipped));
      }
      if (skipped != spared_.end() && *skipped == position) ++skipped;
      out.train.push_back(static_cast<std::int64_t>(base + position));
      out.keys.push_back(keys_[position]);
    }
    for (; skipped != spared_.end(); ++skipped) {
      out.refresh.push_back(static_cast<std::int64_t>(base + *skipped));
    }
  }

  sorted_window window_;
  key_quantiles quantiles_;
  detail::buffer<loss_key> keys_, guards_;
  detail::buffer<std::uint32_t> positions_, spared_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
