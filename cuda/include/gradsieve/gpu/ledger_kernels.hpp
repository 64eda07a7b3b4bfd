// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Kernels that record visits of examples, one thread an example.
#pragma once

#include <gradsieve/gpu/device_buffer.hpp>
#include <gradsieve/gpu/launch.hpp>
#include <gradsieve/gpu/memory.hpp>
#include <gradsieve/gpu/state.hpp>
#include <gradsieve/history/loss_ledger.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! Why losses are recorded, which says what is counted.
enum class visit_kind : std::uint8_t {
  pick,     //!< before a pick, which counts the rest
  train,    //!< after training: also a selection of each
  refresh,  //!< forwarded to renew the loss
  record,   //!< no work
};

inline constexpr std::uint32_t no_age = 0xffffffffu;  //!< of an id that is not in the ledger

namespace detail {

//! An entry as one word, so that it is read and changed at once: its key in the lower half, as in
//! memory and in saved bytes.
GRADSIEVE_HOST_DEVICE constexpr std::uint64_t to_word(const ledger_entry& entry) {
  return std::uint64_t{entry.visits} << 32 | static_cast<std::uint32_t>(entry.key);
}
GRADSIEVE_HOST_DEVICE constexpr ledger_entry to_entry(std::uint64_t word) {
  return {static_cast<loss_key>(static_cast<std::uint32_t>(word)),
          static_cast<std::uint32_t>(word >> 32)};
}

//! What kernels get of a ledger.
struct ledger_ref {
  std::uint64_t* words = nullptr;
  std::uint64_t examples = 0;

  GRADSIEVE_HOST_DEVICE constexpr bool knows(std::int64_t id) const {
    return static_cast<std::uint64_t>(id) < examples;
  }
  //! @pre knows(id)
  __device__ ledger_entry entry(std::int64_t id) const {
    return to_entry(load_relaxed(words + id));
  }
  //! Calls `edit(entry)` and writes it back, whatever other threads do to it meanwhile.
  template <class Edit>
  __device__ void change(std::int64_t id, Edit edit) const {
    std::uint64_t before = load_relaxed(words + id);
    for (;;) {
      ledger_entry entry = to_entry(before);
      edit(entry);
      const std::uint64_t after = to_word(entry);
      if (after == before) return;
      const std::uint64_t found = compare_and_swap(words + id, before, after);
      if (found == before) return;
      before = found;
    }
  }
};

//! @name Codes: positions in a batch as keys that no ledger holds
//! The keys from `key_above` on, all NaN or infinite, are above every key of an entry, so the
//! maximum of an entry's key and its losses' codes is the code of the last of them.
//! @{
inline constexpr std::uint32_t most_codes = 0x80000000u - static_cast<std::uint32_t>(key_above);
GRADSIEVE_HOST_DEVICE constexpr loss_key code_of(std::uint32_t position) {
  return key_above + static_cast<loss_key>(position);
}
//! @}

inline constexpr unsigned ledger_threads = 256;
inline unsigned ledger_blocks(std::uint64_t n) {
  return static_cast<unsigned>((n + ledger_threads - 1) / ledger_threads);
}
__device__ inline std::uint32_t thread_position() {
  return blockIdx.x * ledger_threads + threadIdx.x;
}

//! Adds to the counters of the sieve, one atomic for each that a warp has counted. Whole warps.
struct visit_counts {
  std::uint32_t known = 0, non_finite = 0, faults = 0;

  __device__ void add_to(sieve_state& state, visit_kind kind) const {
    const std::uint64_t all = warp_sum(known), bad = warp_sum(non_finite), wrong = warp_sum(faults);
    if (lane_index() != 0) return;
    add(&state.faults, wrong);
    if (kind == visit_kind::pick) return;
    add(&state.work.non_finite, bad);
    if (kind == visit_kind::record) return;
    add(&state.work.forwards, all);
    add(kind == visit_kind::train ? &state.work.backwards : &state.work.refreshed, all);
  }

 private:
  __device__ static void add(std::uint64_t* to, std::uint64_t value) {
    if (value != 0) atomic_add(to, value);
  }
};

//! Makes all examples unseen.
struct unseen_kernel {
  static constexpr unsigned threads = ledger_threads;
  ledger_ref ledger;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    const std::uint64_t step = std::uint64_t{threads} * gridDim.x;
    for (std::uint64_t i = thread_position(); i < ledger.examples; i += step) {
      ledger.words[i] = to_word(ledger_entry{});
    }
  }
};

//! First half of a visit: counts it, and leaves the code of the last finite loss in the entry.
template <class T>
struct visit_kernel {
  static constexpr unsigned threads = ledger_threads;
  ledger_ref ledger;
  sieve_state* state = nullptr;
  const std::int64_t* ids = nullptr;
  const T* losses = nullptr;
  std::uint32_t n = 0;  //!< at most `most_codes`
  visit_kind kind = visit_kind::record;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    const std::uint32_t i = thread_position();
    visit_counts counts;
    if (i < n) {
      const std::int64_t id = ids[i];
      const bool known = ledger.knows(id), finite = is_finite(to_key(losses[i]));
      counts = {known ? 1u : 0u, known && !finite ? 1u : 0u, known ? 0u : 1u};
      if (known) visit(id, finite, i, state->epoch);
    }
    counts.add_to(*state, kind);
  }

 private:
  __device__ void visit(std::int64_t id, bool finite, std::uint32_t i, std::uint32_t epoch) const {
    const loss_key code = finite ? code_of(i) : key_never;
    ledger.change(id, [&](ledger_entry& entry) {
      entry.visit(key_never, epoch);
      if (kind == visit_kind::train) entry.select();
      if (!entry.retired() && code > entry.key) entry.key = code;
    });
  }
};

//! Second half: whose code stands in the entry writes its key there. For a pick it also writes what
//! is to be decided on: the batch's keys, `key_retired` for what is left out.
template <class T>
struct settle_kernel {
  static constexpr unsigned threads = ledger_threads;
  ledger_ref ledger;
  sieve_state* state = nullptr;
  const std::int64_t* ids = nullptr;
  const T* losses = nullptr;
  loss_key* keys = nullptr;  //!< null unless a pick follows
  std::uint32_t n = 0;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    const std::uint32_t i = thread_position();
    const bool retired = i < n && settle(i);
    if (keys == nullptr) return;
    std::uint32_t out = 0, bad = 0;
    if (i < n) {
      const loss_key key = to_key(losses[i]);
      keys[i] = retired ? key_retired : key;
      out = retired ? 1 : 0;
      bad = retired && !is_finite(key) ? 1 : 0;
    }
    // The pick counts the others.
    add(&state->rejected, warp_sum(out));
    add(&state->work.non_finite, warp_sum(bad));
  }

 private:
  //! Returns whether the example is left out.
  __device__ bool settle(std::uint32_t i) const {
    const std::int64_t id = ids[i];
    if (!ledger.knows(id)) return true;
    ledger_entry entry = ledger.entry(id);
    if (entry.key == code_of(i)) {
      entry.key = to_key(losses[i]);
      store_relaxed(ledger.words + id, to_word(entry));
    }
    return entry.retired();
  }
  __device__ static void add(std::uint64_t* to, std::uint64_t value) {
    if (value != 0 && lane_index() == 0) atomic_add(to, value);
  }
};

//! Counts a selection of each id. `count` says how many; null: n
struct select_kernel {
  static constexpr unsigned threads = ledger_threads;
  ledger_ref ledger;
  const std::int64_t* ids = nullptr;
  const std::uint32_t* count = nullptr;
  std::uint32_t n = 0;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    const std::uint32_t i = thread_position();
    if (i >= (count != nullptr ? *count : n) || !ledger.knows(ids[i])) return;
    ledger.change(ids[i], [](ledger_entry& entry) { entry.select(); });
  }
};

//! Takes examples out for good.
struct retire_kernel {
  static constexpr unsigned threads = ledger_threads;
  ledger_ref ledger;
  sieve_state* state = nullptr;
  const std::int64_t* ids = nullptr;
  std::uint32_t n = 0;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    const std::uint32_t i = thread_position();
    const bool known = i < n && ledger.knows(ids[i]);
    if (known) ledger.change(ids[i], [](ledger_entry& entry) { entry.key = key_retired; });
    visit_counts{0, 0, i < n && !known ? 1u : 0u}.add_to(*state, visit_kind::pick);
  }
};

//! Writes the age of each id at the state's epoch.
struct age_kernel {
  static constexpr unsigned threads = ledger_threads;
  ledger_ref ledger;
  const sieve_state* state = nullptr;
  const std::int64_t* ids = nullptr;
  std::uint32_t n = 0;
  std::uint32_t* ages = nullptr;

  std::size_t shared_bytes() const { return 0; }
  __device__ void operator()(void*) const {
    const std::uint32_t i = thread_position();
    if (i >= n) return;
    ages[i] = ledger.knows(ids[i]) ? ledger.entry(ids[i]).age(state->epoch) : no_age;
  }
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
