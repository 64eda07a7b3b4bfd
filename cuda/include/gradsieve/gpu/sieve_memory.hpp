// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the sieve on a device owns, and how it comes to be.
#pragma once

#include <gradsieve/gpu/capture.hpp>
#include <gradsieve/gpu/device_rule.hpp>
#include <gradsieve/gpu/exactly_k.hpp>
#include <gradsieve/gpu/examples.hpp>
#include <gradsieve/gpu/host_memory.hpp>
#include <gradsieve/gpu/poisson.hpp>
#include <gradsieve/gpu/twin.hpp>

#include <optional>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! What the device needs to know beforehand.
struct device_options {
  std::size_t max_batch = std::size_t{1} << 20;  //!< the most losses of one pick
  //! Whether an independent draw is one launch, in which blocks wait for those before them. False:
  //! three launches without any waiting, and a bit more for each example; for race checkers and
  //! where blocks may start in any order. The same results. Other selectors never wait.
  bool look_back = true;
  bool plans = false;  //!< whether to plan from the ledger: 20 bytes more for each example
};

namespace detail {

//! The part of `basic_sieve` that holds memory: a twin on the host, which knows options and policy,
//! and what kernels read and write.
template <selector Selector>
class sieve_memory {
 public:
  using host_sieve = gradsieve::basic_sieve<loss_window, Selector>;

  //! Whether `create` has succeeded, and the sieve was not moved away since.
  bool ready() const { return host_.has_value() && state_.size() != 0; }
  //! @pre ready()
  const sieve_options& options() const { return host_->options(); }
  std::size_t max_batch() const { return max_batch_; }
  const sieve_view& view() const { return view_; }
  rule_view compiled() const { return rule_.view(); }

  //! What was wrong with the last call, if it was refused; static text. Empty where the error is
  //! CUDA's own, or there was none.
  const char* message() const { return message_; }

 protected:
  cudaError_t refuse(const char* message, cudaError_t error = cudaErrorInvalidValue) {
    message_ = message;
    return error;
  }

  //! What `create` does, into an object that is still empty.
  cudaError_t make(const sieve_options& options, const device_options& device,
                   const Selector& selector) {
    if (cudaError_t bad = suitable(options, device); bad != cudaSuccess) return bad;
    if (cudaError_t bad = cudaGetDevice(&device_); bad != cudaSuccess) {
      return refuse("there is no device", bad);
    }
    if (cudaError_t bad = cannot_wait(nullptr); bad != cudaSuccess) {
      return refuse(why_cannot_wait(bad), bad);
    }
    int processors = 0;
    cudaError_t error =
        cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device_);
    if (error != cudaSuccess) return error;
    blocks_ = static_cast<std::uint32_t>(processors) * blocks_per_processor;
    max_batch_ = device.max_batch;
    const std::size_t history = options.history;
    host_.emplace(options, loss_window(history), selector);
    if (cudaError_t bad = check_shared(device.plans); bad != cudaSuccess) return bad;
    error = state_.allocate(1);
    if (error == cudaSuccess) error = ring_.allocate(history);
    if (error == cudaSuccess) error = windows_.allocate(2 * (history + 2));
    if (error == cudaSuccess) error = tiles_.allocate(tiles_of(max_batch_));
    if (error == cudaSuccess) error = tiles_.zero();
    if (error == cudaSuccess) error = sums_.allocate(std::size_t{tiles_of(max_batch_)} + 1);
    if (error == cudaSuccess) error = rule_.reserve(history);
    if (error == cudaSuccess) {
      error = engine_.reserve(selector, host_->compiled().view(), max_batch_, device.look_back);
    }
    if (error == cudaSuccess) error = examples_.allocate(*host_, device.plans, blocks_);
    if (error == cudaSuccess) error = keys_.allocate(examples_.has_ledger() ? max_batch_ : 0);
    if (error != cudaSuccess) return error;
    const std::uint64_t total =
        options.total_steps != 0 ? options.total_steps : options.total_epochs;
    view_ = {
        .state = state_.data(),
        .ring = ring_.data(),
        .windows = windows_.data(),
        .tiles = tiles_.data(),
        .history = static_cast<std::uint32_t>(history),
        .update_first = options.order == update_order::update_then_decide,
        .draws = {options.seed, 0,
                  options.keying == draw_by::id ? purpose::pick_by_id : purpose::pick_by_position,
                  options.replica},
        .active = options.active.resolved(total),
        .by_steps = options.total_steps != 0};
    return upload();
  }

  cudaError_t suitable(const sieve_options& options, const device_options& device) {
    const auto no = [this](const char* why) { return refuse(why, cudaErrorNotSupported); };
    if (options.history > most_history) return no("history is above 4096");
    if (options.min_fill != 0 && options.min_fill != options.history) {
      return no("min_fill must be the history's size: tables are compiled on the host");
    }
    if (options.min_batch != 0) return no("min_batch is for the host");
    if (options.by) return no("scores are for the host");
    if (options.per_group.size() != 0) return no("policies per group are for the host");
    if (options.queue.batch_size != 0) return no("the queue is for the host");
    if (options.on_non_finite == non_finite::raise) return no("a kernel cannot raise");
    if (device.max_batch > most_examples) return no("max_batch is above 4294963199");
    return cudaSuccess;
  }

  //! Whether this device's blocks can hold the policy's tables: else the first launch would fail.
  cudaError_t check_shared(bool plans) {
    int most = 0;
    const cudaError_t error =
        cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device_);
    if (error != cudaSuccess) return error;
    const rule_view rule = host_->compiled().view();
    sieve_view asks;
    asks.history = rule.size;
    const std::size_t picks = engine<Selector>::shared_bytes(asks, rule);
    const std::size_t epochs = plans ? device_planner::shared_bytes(rule) : 0;
    if ((picks > epochs ? picks : epochs) <= static_cast<std::size_t>(most)) return cudaSuccess;
    return refuse(
        "the policy's tables for so long a history are more than the shared memory of a "
        "block of this device: shorten the history",
        cudaErrorNotSupported);
  }

  //! Brings the host's twin to the device.
  cudaError_t upload() {
    sieve_state state;
    gradsieve::detail::buffer<loss_key> ring(view_.history, key_above);
    gradsieve::detail::buffer<loss_key> windows(2 * (view_.history + 2), key_above);
    to_device(*host_, state, ring.room());
    const window_view sorted = host_->history().view();
    for (std::size_t i = 0; i < sorted.size + 2; ++i) windows[i] = sorted.slots[i];
    // The words of the tiles keep their tags: they must not be taken for those of a next launch.
    sieve_state there;
    cudaError_t error = made_ ? state_.read(&there, 1) : cudaSuccess;
    state.launches = there.launches;
    if (error == cudaSuccess) error = examples_.upload(*host_, blocks_);
    if (error == cudaSuccess) error = rule_.assign(host_->compiled());
    if (error == cudaSuccess) error = ring_.write(ring.data(), ring.size());
    if (error == cudaSuccess) error = windows_.write(windows.data(), windows.size());
    if (error == cudaSuccess) error = state_.write(&state, 1);
    made_ = error == cudaSuccess;
    return error;
  }

  //! Enough to fill a processor: a block needs 256 threads of at most 64 registers.
  static constexpr std::uint32_t blocks_per_processor = 4;

  std::optional<host_sieve> host_;
  device_buffer<sieve_state> state_;
  device_buffer<loss_key> ring_, windows_;
  device_buffer<loss_key> keys_;  // of a pick that the ledger has taken in
  device_buffer<std::uint64_t> tiles_;
  device_buffer<double> sums_;  // of each tile, and what weights are scaled by
  device_rule rule_;
  engine<Selector> engine_;
  example_memory examples_;
  sieve_view view_;
  std::size_t max_batch_ = 0;
  std::uint32_t blocks_ = 1;
  int device_ = 0;
  bool made_ = false;
  const char* message_ = "";
};

}  // namespace detail
}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
