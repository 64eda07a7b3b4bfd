// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sieve that is saved, loaded and moved with the network it belongs to.
#pragma once

#include <gradsieve/libtorch/sieve.hpp>

#include <torch/nn/module.h>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

//! A module whose buffer "state" is a sieve's saved state, [size], uint8: the core's bytes.
//! Registered in a network, `torch::save`, archives and `.to(device)` take it along:
//!
//!     auto sieve = register_module("sieve", std::make_shared<gradsieve::libtorch::sieve_module>(
//!                                               gradsieve::sieve_options{.seed = 1}));
//!     (*sieve)->pick(losses);
//!
//! The buffer is written when it is saved, and by `sync`; loading reads it into the sieve. `.to` of
//! a dtype leaves it as it is. `clone` is not supported.
template <selector Selector = poisson_selector>
class basic_sieve_module : public torch::nn::Module {
 public:
  using sieve_type = basic_sieve<Selector>;

  //! @throws as the sieve's constructor
  explicit basic_sieve_module(const sieve_options& options, const at::Device& device = at::kCPU,
                              const Selector& selector = Selector())
      : Module("gradsieve::sieve"),
        sieve_(options, device, selector),
        state_(register_buffer("state", sieve_.save())) {}

  sieve_type& operator*() { return sieve_; }
  sieve_type* operator->() { return &sieve_; }
  const sieve_type& operator*() const { return sieve_; }
  const sieve_type* operator->() const { return &sieve_; }

  //! Writes the sieve's state into the buffer, for who reads buffers without saving.
  void sync() const { state_.set_data(sieve_.save()); }

  void save(torch::serialize::OutputArchive& archive) const override {
    sync();
    Module::save(archive);
  }

  //! @throws c10::Error for the state of other options, or what is none; the sieve and its buffer
  //! are unchanged then.
  void load(torch::serialize::InputArchive& archive) override {
    at::Tensor state;
    archive.read("state", state, /*is_buffer=*/true);
    sieve_.load(state);
    sync();
  }

  void to(torch::Device device, torch::Dtype, bool = false) override { move_to(device); }
  void to(torch::Dtype, bool = false) override {}
  void to(torch::Device device, bool = false) override { move_to(device); }

 private:
  void move_to(const at::Device& device) {
    sieve_.to(device);
    sync();
  }

  sieve_type sieve_;
  at::Tensor state_;
};

using sieve_module = basic_sieve_module<>;

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
