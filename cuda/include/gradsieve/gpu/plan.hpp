// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Decides every example of a ledger for an epoch, in one pass with ordered output.
#pragma once

#include <gradsieve/gpu/draws.hpp>
#include <gradsieve/gpu/ledger.hpp>
#include <gradsieve/gpu/output.hpp>
#include <gradsieve/gpu/plan_state.hpp>
#include <gradsieve/gpu/sort.hpp>
#include <gradsieve/gpu/tables.hpp>
#include <gradsieve/random/bijection.hpp>
#include <gradsieve/schedule/staleness.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! A plan in device memory.
struct planned {
  std::int64_t* train = nullptr;    //!< ids to train, ascending
  loss_key* keys = nullptr;         //!< what each of them was decided by
  std::int64_t* refresh = nullptr;  //!< ids spared whose loss is stale, ascending
  loss_key* window = nullptr;       //!< the quantiles, between two sentinels
  plan_state* state = nullptr;
};

namespace detail {

//! What all examples of a plan are decided by.
struct plan_terms {
  draw_key draws;  //!< its step is the epoch
  staleness refresh = never_stale{};
  std::uint32_t history = 0;       //!< H
  std::uint32_t guarded_rank = 0;  //!< the policy spares examples above this slot; H + 1: none
};

//! Decides some of a ledger's examples: those with the ids `first` … `first + n - 1`, whose entries
//! are `words[0]` … `words[n - 1]`. Blocks take tile after tile; look-back gives each its place in
//! both lists. The block of the last tile adds to the plan's counters: when it knows its prefix,
//! every block has read them.
//!
//! Reads 8 bytes an example, writes 12 for each to train and 8 for each to refresh.
//! @tparam Form  the form of rule that the policy was compiled to
template <class Form>
struct plan_kernel {
  static constexpr unsigned threads = tile_threads;

  const std::uint64_t* words = nullptr;
  std::uint64_t examples = 0;  //!< of the whole ledger
  plan_terms terms;
  Form form;
  planned out;
  sieve_state* state = nullptr;
  std::uint64_t* tiles[2] = {};  //!< words for look-back: to train, to refresh
  std::uint64_t first = 0;       //!< a multiple of 4
  std::uint32_t n = 0;
  bool last = true;  //!< whether the plan is complete behind these

  struct block_state {
    plan_state before;
    block_sums<threads, std::uint32_t> sums;
    std::uint32_t tile;
    std::uint32_t prefix[2];
  };

  std::size_t shared_bytes() const {
    shared_size size;
    take(size);
    in_shared(form, terms.history, shared_count{&size});
    return size.bytes;
  }

  __device__ void operator()(void* shared) const {
    if (out.state->fresh == 0) return;
    shared_memory memory{static_cast<unsigned char*>(shared)};
    const pieces mine = take(memory);
    block_state& block = *mine.block;
    const std::uint32_t count = tiles_of(n);
    if (!ticket_tile(&out.state->taken, block.tile, count)) return;
    if (threadIdx.x == 0) block.before = *out.state;
    copy_by_block(mine.slots, out.window, terms.history + 2);
    const Form rule = in_shared(form, terms.history, shared_copy{&memory});
    __syncthreads();
    do {
      decide(mine, rule, block.tile, count);
    } while (ticket_tile(&out.state->taken, block.tile, count));
  }

 private:
  struct pieces {
    block_state* block;
    std::uint32_t* staged;  // a tile's places that go on
    loss_key* keys;         // what each of the tile was decided by
    loss_key* slots;        // the quantiles
  };
  GRADSIEVE_CALLS_ARGUMENT
  template <class Memory>
  GRADSIEVE_HOST_DEVICE pieces take(Memory& memory) const {
    pieces all{};
    all.block = memory.template take<block_state>(1);
    all.staged = memory.template take<std::uint32_t>(tile_size);
    all.keys = memory.template take<loss_key>(tile_size);
    all.slots = memory.template take<loss_key>(terms.history + 2);
    return all;
  }

  //! A thread's sixteen examples: bits for those to train, to refresh, and trained in any case.
  struct decisions {
    std::uint32_t train = 0, refresh = 0, forced = 0;
  };

  __device__ void decide(const pieces& mine, const Form& rule, std::uint32_t tile,
                         std::uint32_t count) const {
    block_state& block = *mine.block;
    const std::uint32_t base = tile * tile_size;
    decisions made;
#pragma unroll 1
    for (unsigned quad = 0; quad < tile_quads; ++quad) decide_quad(mine, rule, base, quad, made);
    count_forced(made.forced);

    std::uint32_t spared = 0;
    if (spares()) {
      quad_places unused;  // found again if there are any
      spared = unused.find(made.refresh, block.sums);
      __syncthreads();
    }
    quad_places places;
    const std::uint32_t total = places.find(made.train, block.sums);
    if (warp_index() < (spares() ? 2u : 1u)) {
      const std::uint32_t which = warp_index();
      const std::uint32_t prefix =
          look_back{tiles[which], block.before.launches}.prefix(tile, which == 0 ? total : spared);
      if (lane_index() == 0) block.prefix[which] = prefix;
    }
    write_train(mine, made.train, places, total, base);
    if (spared != 0) write_refresh(mine, made.refresh, spared, base);
    if (tile + 1 == count && threadIdx.x == 0) {
      finish(block, block.prefix[0] + total, spares() ? block.prefix[1] + spared : 0);
    }
  }

  __device__ bool spares() const { return terms.guarded_rank <= terms.history; }

  //! The entries of four neighbours; retired ones behind the end.
  __device__ void read_quad(std::uint32_t at, ledger_entry (&entries)[4]) const {
    if (at + 4 <= n) {
#pragma unroll
      for (unsigned half = 0; half < 2; ++half) {
        const uint4 raw = *reinterpret_cast<const uint4*>(words + at + 2 * half);
        entries[2 * half] = {static_cast<loss_key>(raw.x), raw.y};
        entries[2 * half + 1] = {static_cast<loss_key>(raw.z), raw.w};
      }
      return;
    }
#pragma unroll
    for (unsigned c = 0; c < 4; ++c) {
      entries[c] = at + c < n ? to_entry(words[at + c]) : ledger_entry{key_retired, 0};
    }
  }

  //! Decides four neighbours, and leaves what they were decided by in the tile's keys.
  __device__ void decide_quad(const pieces& mine, const Form& rule, std::uint32_t base,
                              unsigned quad, decisions& made) const {
    const plan_state& plan = mine.block->before;
    const std::uint32_t at = base + quad_start(quad);
    ledger_entry entries[4];
    read_quad(at, entries);
    draw_key key = terms.draws;
    key.step = plan.epoch;
    const bool selective = plan.selective != 0;
    const philox_block drawn = selective ? draw_four(key, (first + at) / 4) : philox_block{};
    const window_view window{mine.slots, terms.history};
    const loss_key guard = mine.slots[terms.guarded_rank];
    key_quad ranked;
    decisions bits;
#pragma unroll
    for (unsigned c = 0; c < 4; ++c) {
      const ledger_entry& entry = entries[c];
      // An example without a finite loss so far is trained, or it would never get one.
      loss_key by = entry.has_loss() ? entry.key : entry.retired() ? key_never : key_always;
      bool train = by != key_never, spared = false;
      if (selective) {
        const auto id = static_cast<std::int64_t>(first + at + c);
        if (train && terms.refresh.due(id, entry.age(plan.epoch), plan.epoch)) {
          spared = by > guard && by != key_always;
          if (!spared) by = key_always;
        }
        train = rule(window, by, drawn.word[c], [&] { return tie_draw(key, first + at + c); });
        bits.forced |= std::uint32_t{by == key_always} << c;
      } else {
        by = key_always;
      }
      ranked.key[c] = by;
      bits.train |= std::uint32_t{train} << c;
      bits.refresh |= std::uint32_t{spared && !train} << c;
    }
    *reinterpret_cast<key_quad*>(mine.keys + quad_start(quad)) = ranked;
    made.train |= bits.train << (4 * quad);
    made.refresh |= bits.refresh << (4 * quad);
    made.forced |= bits.forced << (4 * quad);
  }

  __device__ void count_forced(std::uint32_t forced) const {
    const auto sum = warp_sum(static_cast<std::uint32_t>(__popc(forced)));
    if (lane_index() == 0 && sum != 0) atomic_add(&out.state->forced, std::uint64_t{sum});
  }

  //! Brings what is to be trained together in shared memory, and writes it side by side.
  __device__ void write_train(const pieces& mine, std::uint32_t train, const quad_places& places,
                              std::uint32_t total, std::uint32_t base) const {
    stage(train, places, mine.staged);
    const std::uint64_t from = mine.block->before.train + mine.block->prefix[0];
    for (std::uint32_t i = threadIdx.x; i < total; i += threads) {
      out.train[from + i] = static_cast<std::int64_t>(first + base + mine.staged[i]);
      out.keys[from + i] = mine.keys[mine.staged[i]];
    }
  }

  __device__ void write_refresh(const pieces& mine, std::uint32_t refresh, std::uint32_t total,
                                std::uint32_t base) const {
    __syncthreads();
    quad_places places;
    places.find(refresh, mine.block->sums);
    stage(refresh, places, mine.staged);
    const std::uint64_t from = mine.block->before.refresh + mine.block->prefix[1];
    for (std::uint32_t i = threadIdx.x; i < total; i += threads) {
      out.refresh[from + i] = static_cast<std::int64_t>(first + base + mine.staged[i]);
    }
  }

  //! Adds to the plan's counters, and enters a complete plan in the books as the host does.
  __device__ void finish(const block_state& block, std::uint32_t train,
                         std::uint32_t refresh) const {
    const plan_state& before = block.before;
    plan_state& plan = *out.state;
    plan.train = before.train + train;
    plan.refresh = before.refresh + refresh;
    plan.launches = before.launches + 1;
    if (!last) return;
    plan.ready = 1;
    if (before.selective == 0) return;
    const std::uint64_t offered = examples - before.retired;
    state->work.skipped += offered - plan.train;
    state->offered += offered;
    state->selected += plan.train;
  }
};

//! Writes the ids of a plan's places `from` … `from + n - 1` in its random order, and with which
//! probabilities they were to be trained.
struct plan_batch_kernel {
  static constexpr unsigned threads = ledger_threads;
  planned plan;
  rule_view rule;
  draw_key order;  //!< its step is the plan's epoch
  std::uint64_t from = 0;
  std::uint32_t n = 0;
  std::int64_t* ids = nullptr;
  std::uint32_t* count = nullptr;
  float* probabilities = nullptr;  //!< null: not wanted

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    const std::uint64_t train = plan.state->train;
    const std::uint32_t i = thread_position();
    if (i == 0) {
      const std::uint64_t left = from < train ? train - from : 0;
      *count = left < n ? static_cast<std::uint32_t>(left) : n;
    }
    if (i >= n || from + i >= train) return;
    draw_key key = order;
    key.step = plan.state->epoch;
    const std::uint64_t place = bijection(train, key)(from + i);
    ids[i] = plan.train[place];
    if (probabilities != nullptr) probabilities[i] = probability(plan.keys[place]);
  }

 private:
  __device__ float probability(loss_key key) const {
    const window_view window{plan.window, rule.size};
    return static_cast<float>(to_probability(rule.mass_of(window, key)));
  }
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
