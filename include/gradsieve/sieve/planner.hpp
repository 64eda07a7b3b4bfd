// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Plans an epoch from a ledger: the same rule, against quantiles of all known losses.
#pragma once

#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/sieve/plan.hpp>

#include <numeric>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! The key by which a plan decides: an example without a finite loss so far is trained, or it would
//! never get one.
inline loss_key planned_key(const ledger_entry& entry) {
  return entry.has_loss() ? entry.key : key_always;
}

//! Workspace of `plan`: the window of quantiles and the tables of its counting passes.
class planner {
 public:
  explicit planner(std::size_t history) : window_(history), keys_(chunk), positions_(chunk) {}

  //! All examples are trained.
  void plan_all(const loss_ledger& ledger, const draw_key& key, plan_state& out) {
    start(key, out);
    window_.resize(0);
    out.train.resize(static_cast<std::size_t>(ledger.size()));
    std::iota(out.train.begin(), out.train.end(), std::int64_t{0});
    out.keys.assign(out.train.size(), key_always);
    out.ready = true;
  }

  //! Draws the epoch `key.step` by `compiled`, whose size is the workspace's: a pure function of
  //! the ledger and the key. Four passes over the ledger, three of them only count.
  template <class Refresh>
  void plan(const loss_ledger& ledger, const rule& compiled, const Refresh& refresh,
            const draw_key& key, plan_state& out) {
    if (ledger.quantiles(window_.resize(window_.capacity()), quantiles_) == 0) {
      return plan_all(ledger, key, out);
    }
    start(key, out);
    out.selective = true;
    const window_view window = window_.view();
    // Losses above this one are those that the policy spares as suspicious.
    const loss_key guard = window.slots[compiled.guarded_rank()];
    const auto entries = ledger.entries();
    for (std::size_t base = 0; base < entries.size(); base += chunk) {
      const std::size_t n = (std::min)(chunk, entries.size() - base);
      spared_.clear();
      for (std::size_t i = 0; i < n; ++i) {
        const ledger_entry& entry = entries[base + i];
        const auto id = static_cast<std::int64_t>(base + i);
        keys_[i] = planned_key(entry);
        if (refresh.due(id, entry.age(key.step), key.step)) {
          if (keys_[i] > guard && keys_[i] != key_always) {
            spared_.push_back(static_cast<std::uint32_t>(i));
          } else {
            keys_[i] = key_always;
          }
        }
        out.forced += std::uint64_t{keys_[i] == key_always};
      }
      const std::size_t count = poisson_selector{}.select(
          compiled.view(), window, key, {std::span(keys_).first(n), {}, base}, positions_);
      append(base, std::span(positions_).first(count), out);
    }
    out.ready = true;
  }

  //! The quantiles that the last plan ranked against.
  window_view window() const { return window_.view(); }

  void write(byte_writer& out) const { out.put(window_.keys()); }
  void read(byte_reader& in) {
    const std::vector<loss_key> keys = in.list<loss_key>("quantiles");
    const bool sorted = std::is_sorted(keys.begin(), keys.end());
    const bool whole = keys.empty() || keys.size() == window_.capacity();
    if (!sorted || !whole || !std::all_of(keys.begin(), keys.end(), &is_finite)) {
      fail<state_error>("state: not the quantiles of a plan, ", keys.size(), " of them");
    }
    std::copy(keys.begin(), keys.end(), window_.resize(keys.size()).begin());
  }

 private:
  static constexpr std::size_t chunk = 4096;

  static void start(const draw_key& key, plan_state& out) {
    out.ready = false;  // until all of it is there, should anything throw
    out.train.clear();
    out.keys.clear();
    out.refresh.clear();
    out.forced = 0;
    out.epoch = key.step;
    out.order = key;
    out.order.use = purpose::order;
    out.selective = false;
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
  std::vector<loss_key> keys_;
  std::vector<std::uint32_t> positions_, spared_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
