// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Decides on a range of a ledger's examples for a plan: what one thread does.
#pragma once

#include <gradsieve/schedule/staleness.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/sieve/example_book.hpp>
#include <gradsieve/sieve/plan.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! What all examples of a plan are decided by.
template <class Refresh>
struct plan_terms {
  const example_book& book;
  const rule& compiled;
  const Refresh& refresh;
  draw_key key;                      // its step is the epoch
  window_view window;                // quantiles of what is ranked
  std::span<const loss_key> guards;  // of each group, the loss above which the policy spares
};

//! The workspace of one thread: a chunk's keys and positions, which stay in its cache.
class plan_worker {
 public:
  static constexpr std::size_t chunk = 4096;

  //! Adds the decisions on the examples `begin` … `end - 1` to `out`.
  template <class Refresh>
  void decide(const plan_terms<Refresh>& by, std::size_t begin, std::size_t end, planned_ids& out) {
    for (buffer<std::uint32_t>* each : {&positions_, &aged_}) each->resize(chunk);
    keys_.resize(chunk);
    const bool grouped = by.compiled.groups().count() != 0;
    for (std::size_t base = begin; base < end; base += chunk) {
      const std::size_t n = (std::min)(chunk, end - base);
      const group_id* groups = grouped ? by.book.groups().data() + base : nullptr;
      const std::size_t aged = rank(by.book, base, n, by.key.step, least_age(by.refresh));
      force_due(by, base, aged_.first(aged), groups);
      const std::size_t count =
          poisson_selector{}.select(by.compiled.view(), by.window, by.key,
                                    {keys_.first(n), {}, base, groups}, positions_.room());
      append(base, positions_.first(count), out);
    }
  }

 private:
  //! Ranks a chunk; returns how many of it, named in `aged_`, were last visited at least `least`
  //! epochs ago.
  std::size_t rank(const example_book& book, std::size_t base, std::size_t n, std::uint32_t epoch,
                   std::uint32_t least) {
    const ledger_entry* entries = book.ledger().entries().data + base;
    std::size_t i = 0, count = 0;
    const wide_kernels* wide = book.by() ? nullptr : wide_path();
    if (wide != nullptr) {
      i = n - n % wide->lanes;
      count = wide->rank_entries(entries, i, epoch, least, keys_.data(), aged_.data());
    }
    for (; i < n; ++i) {
      // An example without a finite loss so far is trained, or it would never get one.
      keys_[i] = book.rank_of_record(base + i, epoch, key_always);
      aged_[count] = static_cast<std::uint32_t>(i);
      count += std::size_t{entries[i].age(epoch) >= least};
    }
    return count;
  }

  //! Those due are trained, but for those that the policy spares.
  template <class Refresh>
  void force_due(const plan_terms<Refresh>& by, std::size_t base,
                 std::span<const std::uint32_t> aged, const group_id* groups) {
    const ledger_entry* entries = by.book.ledger().entries().data + base;
    const std::uint32_t epoch = by.key.step;
    spared_.clear();
    for (const std::uint32_t i : aged) {
      loss_key& key = keys_[i];
      if (!by.refresh.due(static_cast<std::int64_t>(base + i), entries[i].age(epoch), epoch) ||
          key == key_never) {
        continue;
      }
      if (key > by.guards[group_at(groups, i)] && key != key_always) {
        spared_.push_back(i);
      } else {
        key = key_always;
      }
    }
  }

  //! Adds a chunk's selected ids; those spared that were not selected need a refresh.
  void append(std::size_t base, std::span<const std::uint32_t> selected, planned_ids& out) {
    std::int64_t* train = out.train.extend(selected.size());
    loss_key* keys = out.keys.extend(selected.size());
    for (std::size_t i = 0; i < selected.size(); ++i) {
      train[i] = static_cast<std::int64_t>(base + selected[i]);
      keys[i] = keys_[selected[i]];
      out.forced += std::uint64_t{keys[i] == key_always};
    }
    const std::uint32_t* next = selected.data();
    for (const std::uint32_t skipped : spared_) {
      while (next != selected.data() + selected.size() && *next < skipped) ++next;
      if (next == selected.data() + selected.size() || *next != skipped) {
        out.refresh.push_back(static_cast<std::int64_t>(base + skipped));
      }
    }
  }

  buffer<loss_key> keys_;
  buffer<std::uint32_t> positions_, aged_, spared_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
