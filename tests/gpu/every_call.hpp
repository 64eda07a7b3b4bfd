// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Each call of a device's sieve that only enqueues work, with its launches: counted by
//! emulation, and on a device as the nodes of a graph.
#pragma once

#include "gpu/parity.hpp"

#include <numeric>

namespace every_call {

namespace gs = gradsieve;

//! A sieve on either side, and the arguments of its calls.
template <class Selector = gs::poisson_selector>
struct sides {
  static constexpr std::size_t examples = 12'000;

  //! @param batch  losses of a call  @param launches  of a pick of so many
  sides(std::size_t batch, int launches, bool look_back, Selector selector = Selector())
      : n(batch), of_pick(launches), host(options(), gs::loss_window(64), selector), ids_of(n) {
    device::check(
        sieve.create(options(), {.max_batch = n, .look_back = look_back, .plans = true}, selector));
    std::mt19937 random(3);
    batch_losses = parity::mixed(random, n);
    losses.assign(batch_losses);
    std::iota(ids_of.begin(), ids_of.end(), 100);
    ids.assign(ids_of);
  }

  static gs::sieve_options options() {
    return {.examples = examples,
            .policy = gs::power{2.0, 0.05},
            .history = 64,
            .seed = 3,
            .refresh = gs::max_age{6}};
  }

  //! One round: `visit(name, launches, enqueue)` for each call, in the order of `on_host`.
  template <class Visit>
  void round(Visit visit) {
    visit("begin_epoch", 1, [&](cudaStream_t s) { return sieve.begin_epoch(1, s); });
    visit("pick", of_pick, [&](cudaStream_t s) {
      return sieve.pick(losses.data(), n, positions.data(), count.data(), s);
    });
    visit("probabilities", 1, [&](cudaStream_t s) {
      return sieve.probabilities(losses.data(), n, positions.data(), count.data(), numbers.data(),
                                 s);
    });
    visit("selection_weights, none", 1,
          [&](cudaStream_t s) { return weigh(gs::normalisation::none, s); });
    visit("selection_weights, mean_one", 2,
          [&](cudaStream_t s) { return weigh(gs::normalisation::mean_one, s); });
    visit("pick_mask", of_pick, [&](cudaStream_t s) {
      return sieve.pick_mask(losses.data(), n, positions.data(), count.data(), s);
    });
    visit("pick_ids", of_pick + 3, [&](cudaStream_t s) {
      return sieve.pick_ids(ids.data(), losses.data(), n, chosen.data(), count.data(), s);
    });
    visit("observe", 2,
          [&](cudaStream_t s) { return sieve.observe(ids.data(), losses.data(), n, s); });
    visit("refresh", 2,
          [&](cudaStream_t s) { return sieve.refresh(ids.data(), losses.data(), n, s); });
    visit("record", 2,
          [&](cudaStream_t s) { return sieve.record(ids.data(), losses.data(), n, s); });
    visit("retire", 1, [&](cudaStream_t s) { return sieve.retire(ids.data(), 3, s); });
    visit("ages", 1,
          [&](cudaStream_t s) { return sieve.ages(ids.data(), n, positions.data(), s); });
    visit("plan", 8, [&](cudaStream_t s) { return sieve.plan(2, s); });
    visit("plan_batch", 1, [&](cudaStream_t s) {
      return sieve.plan_batch(0, n, chosen.data(), count.data(), s, numbers.data());
    });
    visit("weights", 2,
          [&](cudaStream_t s) { return sieve.weights(losses.data(), n, numbers.data(), s); });
  }

  //! What a round does to the state, on the host.
  void on_host() {
    host.begin_epoch(1);
    host.pick(batch_losses);
    host.pick(batch_losses);
    host.pick(ids_of, batch_losses);
    host.observe(ids_of, batch_losses);
    host.refresh(ids_of, batch_losses);
    host.record(ids_of, batch_losses);
    host.retire(std::span<const std::int64_t>(ids_of).first(3));
    host.plan(2);
    host.weights(batch_losses);
  }

  //! Whether both are in the same state.
  bool same(cudaStream_t stream = nullptr) {
    std::vector<std::byte> bytes;
    device::check(sieve.save(bytes, stream));
    return bytes == host.save();
  }

  std::size_t n;
  int of_pick;
  gs::basic_sieve<gs::loss_window, Selector> host;
  gs::gpu::basic_sieve<Selector> sieve;
  std::vector<float> batch_losses;
  std::vector<std::int64_t> ids_of;
  device::array<float> losses{n}, numbers{n};
  device::array<std::int64_t> ids{n}, chosen{n};
  device::array<std::uint32_t> positions{n}, count{1};

 private:
  cudaError_t weigh(gs::normalisation scale, cudaStream_t stream) {
    return sieve.selection_weights(numbers.data(), count.data(), n, scale, numbers.data(), {},
                                   stream);
  }
};

//! `use(sides)` for each way to draw: in one launch, in passes, exactly k of a tile and of several.
template <class Use>
void each_way(Use use) {
  use(sides<>(9000, 1, true));
  use(sides<>(9000, 3, false));
  use(sides<gs::exactly_k_selector>(4000, 1, true, gs::exactly_k_selector(700)));
  use(sides<gs::exactly_k_selector>(9000, 3, true, gs::exactly_k_selector(700)));
}

}  // namespace every_call
