// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Plans an epoch from a ledger: the same rule, against quantiles of all known losses.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/sieve/decision.hpp>
#include <gradsieve/sieve/plan_worker.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! Workspace of `plan`: the window of quantiles and the tables of its counting passes.
// NOLINTNEXTLINE: clang-tidy 14 names the variable of the loop that copies an array
class planner {
 public:
  explicit planner(std::size_t history) : window_(history) {}

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
  //! the book and the key, whoever runs the tasks. Three passes over the ledger, two of them only
  //! count. With an executor, `refresh` and the book's score are called from its threads.
  template <class Refresh>
  void plan(const example_book& book, const rule& compiled, const Refresh& refresh,
            const draw_key& key, plan_state& out, const executor_ref& run = {},
            std::uint64_t least_part = parts::least) {
    out.ready = false;  // until all of it is there, should anything throw
    const parts all(book.size(), run, least_part);
    if (find_quantiles(book, key.step, all) == 0) return plan_all(book, key, out);
    start(book, key, out);
    out.selective = true;
    const window_view window = window_.view();
    write_guards(compiled, window);
    const plan_terms<Refresh> terms{book, compiled, refresh, key, window, guards_.view()};
    all.for_each([&](std::size_t part) {
      planned_ids& to = all.count() == 1 ? out : decided_[part];
      to.clear();
      workers_[part].decide(terms, all.begin(part), all.end(part), to);
    });
    if (all.count() != 1) join(all, out);
    out.ready = true;
  }

  //! Tells of a plan over this book, a chunk at a time. Of examples that were trained whatever
  //! their loss, the loss is told all the same.
  template <class Watcher>
  void tell(const Watcher& watcher, const example_book& book, const plan_state& plan) {
    make_room(book.size());
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
      watcher({keys_.first(n), positions_.first(count), plan.selective});
    }
  }

  //! The quantiles that the last plan ranked against.
  window_view window() const { return window_.view(); }

  void write(byte_writer& out) const { out.put(window_.entries()); }
  void read(byte_reader& in) {
    const detail::buffer<loss_key> keys = in.list<loss_key>("quantiles");
    const bool whole = keys.empty() || keys.size() == window_.capacity();
    if (!whole || !ascending(keys.view()) || !all_finite(keys.view())) {
      fail<state_error>("state: not the quantiles of a plan, ", keys.size(), " of them");
    }
    copy_elements(keys, window_.resize(keys.size()).data());
  }

 private:
  static constexpr std::size_t chunk = plan_worker::chunk;

  //! Makes the workspace of a chunk when it is first needed: most sieves never plan.
  void make_room(std::size_t examples) {
    keys_.resize((std::min)(chunk, examples));
    positions_.resize((std::min)(chunk, examples));
  }

  static void start(const example_book& book, const draw_key& key, plan_state& out) {
    out.ready = false;
    out.clear();
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

  //! Writes the quantiles of what is ranked; returns how many examples have a finite loss or score.
  std::uint64_t find_quantiles(const example_book& book, std::uint32_t epoch, const parts& all) {
    const slice<loss_key> out = window_.resize(window_.capacity());
    if (!book.by()) return book.ledger().quantiles(out, quantiles_, all);
    const auto rank = [&](std::size_t id) { return book.rank_of_record(id, epoch, key_always); };
    return quantiles_(all, rank, out);
  }

  //! Puts the parts' decisions one after another, each written in its place.
  void join(const parts& all, plan_state& out) {
    std::size_t train[parts::most], refresh[parts::most];  // where each part's begin
    std::size_t trained = 0, refreshed = 0;
    for (std::size_t part = 0; part < all.count(); ++part) {
      train[part] = trained;
      refresh[part] = refreshed;
      trained += decided_[part].train.size();
      refreshed += decided_[part].refresh.size();
      out.forced += decided_[part].forced;
    }
    std::int64_t* ids = out.train.extend(trained);
    loss_key* keys = out.keys.extend(trained);
    std::int64_t* stale = out.refresh.extend(refreshed);
    all.for_each([&](std::size_t part) {
      const planned_ids& from = decided_[part];
      copy_elements(from.train, ids + train[part]);
      copy_elements(from.keys, keys + train[part]);
      copy_elements(from.refresh, stale + refresh[part]);
    });
  }

  sorted_window window_;
  key_quantiles quantiles_;
  plan_worker workers_[parts::most];
  planned_ids decided_[parts::most];  // where there is more than one part
  detail::buffer<loss_key> keys_, guards_;
  detail::buffer<std::uint32_t> positions_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
