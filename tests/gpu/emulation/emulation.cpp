// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "gpu/emulation/emulation.hpp"

#include <boost/context/fiber.hpp>
#include <boost/context/fixedsize_stack.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace emulation {
namespace {

namespace context = boost::context;

constexpr unsigned warp_size = 32;
constexpr std::size_t stack_bytes = 64 * 1024;
constexpr std::uint64_t most_idle_turns = 50'000'000;

[[noreturn]] void fail(const char* what, unsigned block, unsigned thread) {
  std::fprintf(stderr, "emulation: %s (block %u, thread %u)\n", what, block, thread);
  std::_Exit(70);
}

struct fiber_state;

//! Lets `expected` fibers through once all of them are here.
struct barrier {
  unsigned expected = 0;
  std::vector<fiber_state*> waiting;
};

struct warp_state {
  barrier meeting;
  std::uint64_t slot[warp_size] = {};
};

//! Memory that a kernel did not write holds this.
struct shared_memory {
  explicit shared_memory(std::size_t size)
      : bytes(static_cast<std::byte*>(::operator new (size, std::align_val_t{128}))) {
    std::memset(bytes.get(), 0xA5, size);
  }
  struct free {
    void operator()(std::byte* memory) const { ::operator delete (memory, std::align_val_t{128}); }
  };
  std::unique_ptr<std::byte, free> bytes;
};

struct block_state {
  block_state(unsigned number, unsigned threads, std::size_t shared_bytes)
      : index(number), running(threads), warps(threads / warp_size), shared(shared_bytes) {
    meeting.expected = threads;
    for (warp_state& warp : warps) warp.meeting.expected = warp_size;
  }
  unsigned index, running;
  barrier meeting;
  std::vector<warp_state> warps;
  shared_memory shared;
  std::vector<std::unique_ptr<fiber_state>> fibers;
};

struct fiber_state {
  place at;
  block_state* block = nullptr;
  context::fiber resume;
  bool waits = false, ended = false;
};

order wanted;
std::mt19937_64 generator{1};  // NOLINT: the same runs every time
counts total;
std::uint64_t allocations_left = 0;
std::size_t most_shared_bytes = 0;
bool grid_is_running = false;

struct grid_runs {
  grid_runs() { grid_is_running = true; }
  ~grid_runs() { grid_is_running = false; }
};

fiber_state* current = nullptr;
context::fiber back;                 // the scheduler, while a fiber runs
std::vector<fiber_state*> runnable;  // every fiber that does not wait, in no order

void switch_away() {
  fiber_state* self = current;
  back = std::move(back).resume();
  current = self;
}

void meet(barrier& at) {
  if (at.waiting.size() + 1 == at.expected) {
    for (fiber_state* fiber : at.waiting) {
      fiber->waits = false;
      runnable.push_back(fiber);
    }
    at.waiting.clear();
    return;
  }
  at.waiting.push_back(current);
  current->waits = true;
  switch_away();
}

warp_state& warp() { return current->block->warps[current->at.thread.x / warp_size]; }
unsigned lane() { return current->at.thread.x % warp_size; }

std::unique_ptr<block_state> start(unsigned index, unsigned blocks, unsigned threads,
                                   std::size_t shared_bytes, body run_thread, const void* kernel) {
  auto block = std::make_unique<block_state>(index, threads, shared_bytes);
  for (unsigned t = 0; t < threads; ++t) {
    auto fiber = std::make_unique<fiber_state>();
    fiber->at = {{t, 0, 0}, {index, 0, 0}, {threads, 1, 1}, {blocks, 1, 1}};
    fiber->block = block.get();
    fiber->resume =
        context::fiber(std::allocator_arg, context::fixedsize_stack(stack_bytes),
                       [state = fiber.get(), run_thread, kernel](context::fiber&& scheduler) {
                         back = std::move(scheduler);
                         run_thread(kernel, state->block->shared.bytes.get());
                         state->ended = true;
                         return std::move(back);
                       });
    runnable.push_back(fiber.get());
    block->fibers.push_back(std::move(fiber));
  }
  return block;
}

//! Any runnable fiber. Blocks are not all equally fast: for some hundred turns one of them is
//! preferred, so that others fall far behind it.
std::size_t choose() {
  constexpr int tries = 6;
  constexpr unsigned turns = 700;
  static const block_state* preferred = nullptr;  // compared, never followed
  if (generator() % turns == 0) preferred = runnable[generator() % runnable.size()]->block;
  std::size_t pick = generator() % runnable.size();
  for (int i = 1; i < tries && runnable[pick]->block != preferred; ++i) {
    pick = generator() % runnable.size();
  }
  return pick;
}

//! Runs one fiber, any, until it waits, yields or ends. Returns its block if that has ended.
block_state* turn() {
  const std::size_t pick = choose();
  std::swap(runnable[pick], runnable.back());
  fiber_state* fiber = runnable.back();
  runnable.pop_back();
  current = fiber;
  fiber->resume = std::move(fiber->resume).resume();
  current = nullptr;
  if (!fiber->ended) {
    if (!fiber->waits) runnable.push_back(fiber);
    return nullptr;
  }
  return --fiber->block->running == 0 ? fiber->block : nullptr;
}

}  // namespace

const place& here() { return current->at; }

void set_order(const order& how) {
  wanted = how;
  generator.seed(how.seed);
}

void run(unsigned blocks, unsigned threads, std::size_t shared_bytes, body run_thread,
         const void* kernel) {
  if (current != nullptr) fail("a kernel was launched by a kernel", 0, 0);
  if (threads == 0 || threads % warp_size != 0 || threads > 1024) {
    fail("a block must have 32, 64, … 1024 threads", 0, threads);
  }
  const grid_runs running_now;
  most_shared_bytes = std::max(most_shared_bytes, shared_bytes);
  ++total.launches;
  total.threads += std::uint64_t{blocks} * threads;
  std::vector<unsigned> queue(blocks);
  std::iota(queue.begin(), queue.end(), 0u);
  if (!wanted.ascending) std::shuffle(queue.begin(), queue.end(), generator);
  std::vector<std::unique_ptr<block_state>> resident;
  std::size_t started = 0;
  std::uint64_t idle = 0, yields_before = total.yields;
  while (started < queue.size() || !resident.empty()) {
    while (started < queue.size() && resident.size() < wanted.resident) {
      resident.push_back(
          start(queue[started++], blocks, threads, shared_bytes, run_thread, kernel));
    }
    if (runnable.empty()) {
      const fiber_state* stuck = nullptr;
      for (const auto& fiber : resident.front()->fibers) {
        if (fiber->waits) stuck = fiber.get();
      }
      fail("deadlock: this thread waits at a barrier that others of its block never reach",
           stuck->at.block.x, stuck->at.thread.x);
    }
    // Turns that only yield, one after another, are a wait for something that never happens.
    idle = total.yields != yields_before ? idle + 1 : 0;
    yields_before = total.yields;
    if (idle > most_idle_turns) fail("threads wait for each other's memory for ever", 0, 0);
    if (block_state* ended = turn(); ended != nullptr) {
      std::erase_if(resident, [&](const auto& block) { return block.get() == ended; });
    }
  }
}

bool running() { return grid_is_running; }

std::size_t most_shared() { return std::exchange(most_shared_bytes, 0); }

void sync_block() { meet(current->block->meeting); }

void sync_warp() { meet(warp().meeting); }

std::uint64_t exchange(std::uint64_t value, unsigned source) {
  warp_state& all = warp();
  all.slot[lane()] = value;
  meet(all.meeting);
  const std::uint64_t got = all.slot[source % warp_size];
  meet(all.meeting);
  return got;
}

unsigned ballot(bool vote) {
  warp_state& all = warp();
  all.slot[lane()] = vote ? 1 : 0;
  meet(all.meeting);
  unsigned votes = 0;
  for (unsigned i = 0; i < warp_size; ++i) votes |= static_cast<unsigned>(all.slot[i]) << i;
  meet(all.meeting);
  return votes;
}

void yield() {
  ++total.yields;
  switch_away();
}

void fail_allocation(std::uint64_t which) { allocations_left = which; }

void* allocate(std::size_t bytes) {
  ++total.allocations;
  if (allocations_left != 0 && --allocations_left == 0) return nullptr;
  void* memory = std::malloc(bytes);  // NOLINT: with no exception, as CUDA's
  if (memory != nullptr) std::memset(memory, 0xA5, bytes);
  return memory;
}

void release(void* memory) { std::free(memory); }  // NOLINT

void copy(void* to, const void* from, std::size_t bytes) {
  if (bytes != 0) std::memcpy(to, from, bytes);
}

const counts& counted() { return total; }

}  // namespace emulation
