// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Who runs the tasks of a call that can use several threads: this thread, or a user's pool.
#pragma once

#include <gradsieve/config.hpp>

#include <concepts>
#include <cstddef>

namespace gradsieve::inline GRADSIEVE_ABI {

//! The tasks of one call: `body(i)` runs task i. Valid until the call has returned. It never
//! throws: what a task throws is kept for the caller.
class task_body {
 public:
  template <class Body>
  explicit task_body(Body& body)
      : body_(&body), run_([](void* to, std::size_t task) { (*static_cast<Body*>(to))(task); }) {}

  void operator()(std::size_t task) const noexcept { run_(body_, task); }

 private:
  void* body_;
  void (*run_)(void*, std::size_t);
};

//! Runs `body(i)` once for each i in [0, tasks), in any order and on any threads, and returns when
//! all of them have ended. There are at most 16, of about equal size; what comes out depends
//! neither on the order nor on the number of threads. What the executor itself throws reaches the
//! caller; by then, too, all tasks that it began must have ended.
template <class E>
concept executor = requires(E& run, std::size_t tasks, const task_body& body) {
  run(tasks, body);
};

//! All on this thread: the default, for which nothing is cut into tasks.
struct serial {
  void operator()(std::size_t tasks, const task_body& body) const {
    for (std::size_t i = 0; i < tasks; ++i) body(i);
  }
};

namespace detail {

//! A non-owning reference to an executor of any type; empty for `serial`.
class executor_ref {
 public:
  executor_ref() = default;

  template <class Executor>
  explicit executor_ref(Executor& run) : executor_(&run) {
    static_assert(executor<Executor>,
                  "gradsieve: an executor must be callable as `run(std::size_t tasks, const "
                  "gradsieve::task_body& body)`");
    if constexpr (executor<Executor> && !std::same_as<Executor, serial>) {
      call_ = [](void* to, std::size_t tasks, const task_body& body) {
        (*static_cast<Executor*>(to))(tasks, body);
      };
    }
  }

  explicit operator bool() const { return call_ != nullptr; }

  //! @pre not empty
  void operator()(std::size_t tasks, const task_body& body) const { call_(executor_, tasks, body); }

 private:
  void* executor_ = nullptr;
  void (*call_)(void*, std::size_t, const task_body&) = nullptr;
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
