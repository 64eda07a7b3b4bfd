// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Executors: one thread in several orders, and several threads.
#pragma once

#include <gradsieve/parallel/executor.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "support/random_source.hpp"

namespace support {

enum class order { ascending, descending, shuffled };
inline constexpr order orders[] = {order::ascending, order::descending, order::shuffled};

//! Runs all tasks on the calling thread.
inline auto in_order(order how) {
  return [how](std::size_t tasks, const gradsieve::task_body& body) {
    std::vector<std::size_t> places(tasks);
    for (std::size_t i = 0; i < tasks; ++i) places[i] = i;
    if (how == order::descending) std::reverse(places.begin(), places.end());
    random_source random(tasks);
    for (std::size_t i = tasks; how == order::shuffled && i > 1; --i) {
      std::swap(places[i - 1], places[random.below(i)]);
    }
    for (const std::size_t task : places) body(task);
  };
}

//! Each of `threads` threads takes the next task when it is free.
inline auto on_threads(std::size_t threads) {
  return [threads](std::size_t tasks, const gradsieve::task_body& body) {
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> pool;
    for (std::size_t t = 0; t < threads; ++t) {
      pool.emplace_back([&] {
        for (std::size_t task = next++; task < tasks; task = next++) body(task);
      });
    }
    for (std::thread& one : pool) one.join();
  };
}

}  // namespace support
