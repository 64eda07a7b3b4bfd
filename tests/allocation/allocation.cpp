// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file After its construction a sieve allocates nothing, for batches of up to max_batch examples,
//! and saves itself without a copy.
#include <gradsieve/control/keep_controller.hpp>
#include <gradsieve/gradsieve.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/successive_selector.hpp>
#if __has_include(<gradsieve/boost.hpp>)
#include <gradsieve/boost.hpp>
#define WITH_BOOST
#endif

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace {

std::atomic<std::size_t> allocations{0}, allocated{0};  // how many, and how many bytes

void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
  ++allocations;
  allocated += size;
  // aligned_alloc wants a multiple of the alignment.
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size == 0 ? 1 : size)
                     : std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

// The array and nothrow forms call these by default.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

int failures = 0;

template <class Action>
void expect_no_allocation(const char* what, Action action) {
  const std::size_t before = allocations;
  action();
  const std::size_t made = allocations - before;
  std::printf("%-40s %zu allocations\n", what, made);
  if (made != 0) ++failures;
}

constexpr std::size_t batch_size = 256;
constexpr std::int64_t examples = 4096;
constexpr std::size_t steps = 64;

struct training_data {
  std::vector<std::int64_t> ids = std::vector<std::int64_t>(batch_size);
  std::vector<float> losses = std::vector<float>(batch_size);

  void advance(std::size_t step) {
    for (std::size_t i = 0; i < batch_size; ++i) {
      const std::size_t id = (step * batch_size + i) % static_cast<std::size_t>(examples);
      ids[i] = static_cast<std::int64_t>(id);
      losses[i] = static_cast<float>((id * 7919 + step) % 1009) / 1009.0f;
    }
  }
};

struct selected_counter {
  std::size_t selected = 0;
  void decided(const gradsieve::decision& made) { selected += made.selected.size(); }
};

gradsieve::sieve_options options() {
  return {.examples = examples,
          .policy = gradsieve::power{.beta = 2.0, .floor = 0.05},
          .history = 512,
          .max_batch = batch_size,
          .seed = 1};
}

//! Picks with ids, with weights of those selected. Without `known` (`max_batch`) after a first
//! batch which is the largest, of which all are selected, as the window is not full then.
template <class History, class Selector>
void expect_steady(const char* what, gradsieve::sieve_options with, History history,
                   Selector selector, bool known) {
  training_data data;
  if (!known) with.max_batch = 0;
  gradsieve::basic_sieve<History, Selector> sieve(with, std::move(history), std::move(selector));
  std::vector<gradsieve::group_id> groups(static_cast<std::size_t>(examples));
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = i % 2;
  if (with.per_group.size() != 0) sieve.assign_groups(groups);
  const auto step = [&](std::size_t at) {
    data.advance(at);
    const std::size_t n = batch_size - at % 7;
    const auto picked = sieve.pick(std::span(data.ids).first(n), std::span(data.losses).first(n));
    picked.weights(gradsieve::normalisation::self_normalised);
  };
  if (!known) step(0);
  expect_no_allocation(what, [&] {
    for (std::size_t at = 1; at < steps; ++at) step(at);
  });
}

template <class Selector>
void expect_steady_selector(const char* what, const Selector& selector) {
  for (const bool known : {true, false}) {
    expect_steady(what, options(), gradsieve::loss_window(512), selector, known);
  }
}

//! The default selector under other options.
void expect_steady_options(const char* what, const gradsieve::sieve_options& with) {
  for (const bool known : {true, false}) {
    expect_steady(what, with, gradsieve::loss_window(512), gradsieve::poisson_selector{}, known);
  }
}

void check_selectors() {
  expect_steady_selector("exactly k", gradsieve::exactly_k_selector(32));
  expect_steady_selector("random k", gradsieve::random_k_selector{32});
  expect_steady_selector("with replacement", gradsieve::with_replacement_selector(32));
  expect_steady_selector("top k", gradsieve::top_k_selector(32));
  expect_steady_selector("low k", gradsieve::low_k_selector(32));
  expect_steady_selector("successive by rank",
                         gradsieve::successive_selector<gradsieve::by_batch_rank>(32));
  expect_steady_selector("successive by value",
                         gradsieve::successive_selector<gradsieve::by_value>(32));
  expect_steady_selector(
      "a share, exactly",
      gradsieve::counted<gradsieve::exactly_k_selector, gradsieve::keep_share>());
}

void check_options() {
  auto with = options();
  with.by = [](std::int64_t id, float loss, std::uint32_t age, gradsieve::group_id) {
    return loss + static_cast<float>(id % 2) + static_cast<float>(age);
  };
  expect_steady_options("scores", with);
  with = options();
  with.per_group = {gradsieve::power{1.0}, gradsieve::uniform{0.5}};
  expect_steady_options("groups", with);
  with = options();
  with.tied = gradsieve::ties::averaged;
  expect_steady_options("averaged ties", with);
  with = options();
  with.policy = gradsieve::uniform{0.01};
  with.min_batch = 16;
  expect_steady_options("a least number", with);
}

void check_controller() {
  training_data data;
  gradsieve::sieve sieve(options());
  gradsieve::keep_controller keep(sieve, {.keep = 0.25});
  expect_no_allocation("pick, keep_controller::after", [&] {
    for (std::size_t at = 0; at < steps; ++at) {
      data.advance(at);
      keep.after(sieve, sieve.pick(data.ids, data.losses));
    }
  });
}

}  // namespace

int main() {
  training_data data;
  check_selectors();
  check_options();
  check_controller();

  {
    const std::size_t before = allocations;
    gradsieve::sieve sieve(options());
    if (allocations == before) {
      std::puts("the replaced operator new is not in use");
      return 1;
    }
    expect_no_allocation("pick(losses), weights of the selected", [&] {
      for (std::size_t step = 0; step < steps; ++step) {
        data.advance(step);
        auto picked = sieve.pick(data.losses);
        picked.weights(gradsieve::normalisation::self_normalised);
      }
    });
    expect_no_allocation("pick(ids, losses), due", [&] {
      for (std::size_t step = 0; step < steps; ++step) {
        data.advance(step);
        sieve.due(data.ids);
        sieve.pick(data.ids, data.losses);
      }
    });
    expect_no_allocation("weights(losses)", [&] {
      for (std::size_t step = 0; step < steps; ++step) sieve.weights(data.losses);
    });
    selected_counter observer;
    sieve.watch(observer);
    expect_no_allocation("pick(losses), weights(losses), watched", [&] {
      for (std::size_t step = 0; step < steps; ++step) {
        sieve.pick(data.losses);
        sieve.weights(data.losses);
      }
    });
  }

  {
    gradsieve::sieve sieve(options());
    sieve.plan(0);
    expect_no_allocation("observe, refresh", [&] {
      for (std::size_t step = 0; step < steps; ++step) {
        data.advance(step);
        sieve.observe(data.ids, data.losses);
        sieve.refresh(data.ids, data.losses);
      }
    });
    // The bytes returned, and no copy of them: a ledger may fill half of the memory.
    const std::size_t before = allocated;
    const std::size_t size = sieve.save().size();
    std::printf("%-40s %zu bytes allocated for %zu\n", "save", allocated - before, size);
    if (allocated - before > size + size / 4) ++failures;
  }

  {
    auto with_queue = options();
    with_queue.queue = {.batch_size = 64};
    gradsieve::sieve sieve(with_queue);
    expect_no_allocation("pick(ids, losses) with the queue", [&] {
      for (std::size_t step = 0; step < steps; ++step) {
        data.advance(step);
        sieve.pick(data.ids, data.losses);
        while (const auto batch = sieve.queue().next()) {
          sieve.record(batch.ids(), std::span(data.losses).first(batch.ids().size()));
        }
      }
    });
  }

  {
    auto filling = options();
    filling.min_fill = 1;
    gradsieve::sieve sieve(filling);
    expect_no_allocation("pick(losses) while the window fills", [&] {
      for (std::size_t step = 0; step < steps; ++step) {
        data.advance(step);
        sieve.pick(std::span(data.losses).first(16));
      }
    });
  }

  {
    gradsieve::sieve sieve(options());
    gradsieve::loss_columns tasks(2, {.history = 512, .max_batch = batch_size});
    gradsieve::token_batch tokens(batch_size);
    std::vector<std::uint8_t> keep(batch_size, 1), mask(batch_size);
    std::vector<float> rows(16);
    const gradsieve::loss_matrix<float> matrix{data.losses.data(), 16, batch_size / 16};
    expect_no_allocation("loss columns, tokens, reduce", [&] {
      for (std::size_t step = 0; step < steps; ++step) {
        data.advance(step);
        keep[step] = 0;
        sieve.pick(data.ids, tasks.scores(data.losses, data.losses));
        tokens.assign(matrix, keep);
        tokens.write_mask(sieve.pick(tokens.ids(), tokens.losses()).positions(), mask);
        gradsieve::reduce(matrix, keep, gradsieve::reduction::mean, rows);
      }
    });
  }

#if defined(WITH_BOOST)
  {
    gradsieve::basic_sieve<gradsieve::statistics::p_square_history> sieve(options());
    gradsieve::statistics::observer observer;
    sieve.watch(observer);
    expect_no_allocation("pick(losses) on a sketch, with statistics", [&] {
      for (std::size_t step = 0; step < steps; ++step) {
        data.advance(step);
        sieve.pick(data.losses);
      }
    });
  }
#endif

  return failures == 0 ? 0 : 1;
}
