// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The host's side of a sieve on a device: the same options, the same saved bytes.
#pragma once

#include <gradsieve/gpu/device_buffer.hpp>
#include <gradsieve/gpu/ledger.hpp>
#include <gradsieve/gpu/plan_state.hpp>
#include <gradsieve/gpu/state.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

namespace detail {

//! What a sieve on a device brings into a host's, and takes from one.
struct sieve_access {
  template <class Sieve>
  static auto& online(Sieve& sieve) {
    return sieve.online_;
  }
  template <class Sieve>
  static auto& plans(Sieve& sieve) {
    return sieve.plans_;
  }
};

}  // namespace detail

namespace gpu::detail {

//! The counters of a device's sieve in the order in which a host's saves them.
template <class State, class Visit>
void for_each_count(State& state, Visit visit) {
  visit(state.work.forwards);
  visit(state.work.backwards);
  visit(state.work.skipped);
  visit(state.work.refreshed);
  visit(state.work.non_finite);
  visit(state.offered);
  visit(state.selected);
}

//! Makes `host` what the device's sieve is. `ring` holds its window as on the device.
template <class Host>
void to_host(const sieve_state& state, std::span<const loss_key> ring, Host& host) {
  byte_writer out;
  out.put(state.step);
  out.put(state.epoch);
  for_each_count(state, [&](std::uint64_t count) { out.put(count); });
  out.put(std::uint64_t{ring.size()});
  out.put(state.rejected);
  out.put(std::uint64_t{state.filled});
  const std::size_t oldest = state.filled < ring.size() ? 0 : state.head;
  for (std::size_t i = 0; i < state.filled; ++i) out.put(ring[(oldest + i) % ring.size()]);
  byte_reader in(out.view().data(), out.view().size());
  auto& online = gradsieve::detail::sieve_access::online(host);
  online.clock().read(in);
  online.books().read(in);
  online.past().read(in);
}

//! Makes `state` and `ring` what the host's sieve is; the sorted window is `history().view()`'s.
template <class Host>
void to_device(const Host& host, sieve_state& state, std::span<loss_key> ring) {
  const auto& online = gradsieve::detail::sieve_access::online(host);
  byte_writer out;
  online.clock().write(out);
  online.books().write(out);
  online.past().write(out);
  byte_reader in(out.view().data(), out.view().size());
  state.step = in.get<std::uint64_t>();
  state.epoch = in.get<std::uint32_t>();
  for_each_count(state, [&](std::uint64_t& count) { count = in.get<std::uint64_t>(); });
  static_cast<void>(in.get<std::uint64_t>());  // the capacity
  state.rejected = in.get<std::uint64_t>();
  state.filled = static_cast<std::uint32_t>(in.get<std::uint64_t>());
  for (std::size_t i = 0; i < state.filled; ++i) ring[i] = in.get<loss_key>();
  state.head = state.filled == ring.size() ? 0 : state.filled;
}

//! The entries of a ledger as words.
inline gradsieve::detail::buffer<std::uint64_t> words_of(const loss_ledger& ledger) {
  gradsieve::detail::buffer<std::uint64_t> words(static_cast<std::size_t>(ledger.size()));
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = to_word(ledger.entries()[i]);
  return words;
}

//! Makes the host's ledger what these words say.
template <class Host>
void ledger_to_host(std::span<const std::uint64_t> words, Host& host) {
  byte_writer out;
  out.put(words);  // an entry's word is its saved bytes
  byte_reader in(out.view().data(), out.view().size());
  gradsieve::detail::sieve_access::online(host).book().ledger().read(in);
}

//! A plan in host memory, all but the host's place for it.
struct plan_copy {
  plan_state state;
  gradsieve::detail::buffer<std::int64_t> train, refresh;
  gradsieve::detail::buffer<loss_key> keys, quantiles;  // of `train`; none unless selective
};

//! Makes the host's last plan this one.
template <class Host>
void plan_to_host(const plan_copy& plan, Host& host) {
  byte_writer out;
  out.put(plan.state.ready != 0);
  out.put(plan.state.selective != 0);
  out.put(plan.state.epoch);
  out.put(plan.state.forced);
  out.put(plan.train.view());
  out.put(plan.refresh.view());
  out.put(plan.keys.view());
  out.put(plan.quantiles.view());
  byte_reader in(out.view().data(), out.view().size());
  const sieve_options& options = host.options();
  const draw_key order{options.seed, 0, purpose::order, options.replica};
  gradsieve::detail::sieve_access::plans(host).read(in, host.ledger().size(), order);
}

//! Makes `plan` the host's last one.
template <class Host>
void plan_to_device(const Host& host, plan_copy& plan) {
  byte_writer out;
  gradsieve::detail::sieve_access::plans(host).write(out);
  byte_reader in(out.view().data(), out.view().size());
  plan.state.ready = in.flag("a plan's presence") ? 1 : 0;
  plan.state.selective = in.flag("a plan's choice") ? 1 : 0;
  plan.state.epoch = in.get<std::uint32_t>();
  plan.state.forced = in.get<std::uint64_t>();
  plan.train = in.list<std::int64_t>("plan");
  plan.refresh = in.list<std::int64_t>("refresh list");
  plan.keys = in.list<loss_key>("plan's keys");
  plan.quantiles = in.list<loss_key>("quantiles");
  plan.state.train = plan.train.size();
  plan.state.refresh = plan.refresh.size();
}

}  // namespace gpu::detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
