// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The half of a device's sieve that knows the examples: ledger and plan, and their way from
//! and to the host.
#pragma once

#include <gradsieve/gpu/planner.hpp>
#include <gradsieve/gpu/twin.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! A ledger and a planner, either of which may be missing.
class example_memory {
 public:
  //! Room for as many examples as the host knows. @param plans  whether plans are made
  template <class Host>
  cudaError_t allocate(const Host& host, bool plans, std::uint32_t blocks) {
    plans_ = plans;
    const auto examples = static_cast<std::uint64_t>(host.ledger().size());
    cudaError_t error = ledger_.allocate(examples);
    if (error != cudaSuccess || !plans || examples == 0) return error;
    return planner_.allocate(examples, static_cast<std::uint32_t>(host.compiled().size()), blocks);
  }

  bool has_ledger() const { return ledger_.examples() != 0; }
  bool has_plans() const { return !planner_.empty(); }
  const device_ledger& ledger() const { return ledger_; }
  const device_planner& planner() const { return planner_; }

  //! Takes over what the host knows; a ledger that had grown gets new memory.
  template <class Host>
  cudaError_t upload(const Host& host, std::uint32_t blocks) {
    if (static_cast<std::uint64_t>(host.ledger().size()) != ledger_.examples()) {
      const cudaError_t error = allocate(host, plans_, blocks);
      if (error != cudaSuccess) return error;
    }
    const gradsieve::detail::buffer<std::uint64_t> words = words_of(host.ledger());
    const cudaError_t error = ledger_.write(words.view());
    if (error != cudaSuccess || !has_plans()) return error;
    plan_copy plan;
    plan_to_device(host, plan);
    return planner_.write(plan);
  }

  //! Makes the host know what the device does.
  template <class Host>
  cudaError_t download(Host& host) const {
    if (!has_ledger()) return cudaSuccess;
    gradsieve::detail::buffer<std::uint64_t> words(ledger_.examples());
    cudaError_t error = ledger_.read(words.room());
    if (error != cudaSuccess) return error;
    ledger_to_host(words.view(), host);
    if (!has_plans()) return cudaSuccess;
    plan_copy plan;
    error = planner_.read(plan);
    if (error == cudaSuccess) plan_to_host(plan, host);
    return error;
  }

 private:
  device_ledger ledger_;
  device_planner planner_;
  bool plans_ = false;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
