// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Forward passes that only score examples, and leave no trace in the module.
#pragma once

#include <gradsieve/libtorch/errors.hpp>

#include <ATen/Context.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

//! How a module is run while it scores.
enum class scoring {
  evaluation,  //!< dropout off, BatchNorm by its running statistics
  training,    //!< dropout on, BatchNorm by the batch's statistics: losses as a training step has
  as_it_is,    //!< each submodule in the mode that it is in
};

//! While it lives the module's forward passes build no graph and leave no trace: at its end each
//! submodule has its own training flag back, each buffer (running statistics, counters) the memory
//! it had, which nothing wrote to, and the random generators of the CPU and of the module's devices
//! their states, so that training goes on as if nothing had been scored. Graphs built before stay
//! usable. Also when an exception ends it.
//!
//!     at::Tensor losses;
//!     {
//!       const gradsieve::libtorch::scoring_guard scoring(*net);
//!       losses = cross_entropy(net->forward(data), target, no_reduction);
//!     }
//!
//! Costs a copy of the buffers. For one thread: the one that made it must end it, and no other may
//! use the module or draw from the generators meanwhile. Not while a CUDA graph is captured (its
//! random state cannot be read then). A buffer that a forward pass replaces by assignment, not in
//! place, is lost to it: torch's own modules do not. Parameters are not protected: nothing in a
//! forward pass writes to them.
class scoring_guard {
 public:
  //! @param module  must outlive the guard, with the same submodules and buffers
  explicit scoring_guard(torch::nn::Module& module, scoring mode = scoring::evaluation) {
    module.apply([this](torch::nn::Module& part) {
      flags_.emplace_back(&part, part.is_training());
      for (const auto& parameter : part.parameters(/*recurse=*/false)) note(parameter);
      for (auto& buffer : part.buffers(/*recurse=*/false)) protect(buffer);
    });
    if (mode != scoring::as_it_is) module.train(mode == scoring::training);
    const at::Generator& cpu = at::globalContext().defaultGenerator(at::kCPU);
    keep_generator(cpu);
    for (const at::Device& device : devices_) {
      keep_generator(at::globalContext().defaultGenerator(device));
    }
  }

  scoring_guard(const scoring_guard&) = delete;
  scoring_guard& operator=(const scoring_guard&) = delete;

  ~scoring_guard() {
    // Parents come before their children, whose flags `train` sets as well.
    for (const auto& [part, flag] : flags_) part->train(flag);
    for (const auto& [buffer, original] : buffers_) buffer.set_data(original);
    for (auto& [generator, state] : generators_) {
      const std::lock_guard<std::mutex> lock(generator.mutex());
      generator.set_state(state);
    }
  }

 private:
  void note(const at::Tensor& tensor) {
    if (!tensor.defined() || !tensor.is_cuda()) return;
    if (std::find(devices_.begin(), devices_.end(), tensor.device()) == devices_.end()) {
      devices_.push_back(tensor.device());
    }
  }

  //! Lets the forward passes work on a copy. The original memory is put aside and not written
  //! back: writing would count as a change to whoever saved the buffer for a backward pass.
  void protect(const at::Tensor& buffer) {
    if (!buffer.defined()) return;
    note(buffer);
    for (const auto& [known, original] : buffers_) {
      if (known.is_same(buffer)) return;
    }
    buffers_.emplace_back(buffer, buffer.detach());
    buffer.set_data(buffer.detach().clone());
  }

  void keep_generator(at::Generator generator) {
    const std::lock_guard<std::mutex> lock(generator.mutex());
    at::Tensor state = generator.get_state();
    generators_.emplace_back(std::move(generator), std::move(state));
  }

  at::NoGradGuard no_grad_;
  std::vector<std::pair<torch::nn::Module*, bool>> flags_;
  std::vector<std::pair<at::Tensor, at::Tensor>> buffers_;  // each with its original memory
  std::vector<at::Device> devices_;
  std::vector<std::pair<at::Generator, at::Tensor>> generators_;  // each with its state
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
