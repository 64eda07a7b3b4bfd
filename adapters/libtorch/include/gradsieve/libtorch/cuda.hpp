// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The kernels under tensors on CUDA devices. One file of a program, compiled by nvcc,
//! includes this; sieves in all others then take CUDA devices.
#pragma once

#include <gradsieve/gpu/sieve.hpp>
#include <gradsieve/libtorch/engine.hpp>
#include <gradsieve/select/exactly_k.hpp>

#include <ATen/ops/arange.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

namespace detail {

//! `gpu::sieve` on the current stream. Each call makes the sieve's device current for itself.
template <selector Selector>
class cuda_engine final : public engine {
 public:
  cuda_engine(const sieve_options& options, const at::Device& device, const Selector& selector)
      : device_(at::kCUDA, device.has_index() ? device.index() : c10::cuda::current_device()) {
    const c10::cuda::CUDAGuard guard(device_);
    check("sieve",
          core_.create(options, {.max_batch = options.max_batch, .plans = options.examples != 0},
                       selector));
  }

  at::Device device() const override { return device_; }

  at::Tensor pick(const at::Tensor& losses, const pick_options& where) override {
    take("pick", losses, where, losses.numel());
    return last_.positions.narrow(0, 0, size_of(last_.count)).to(at::kLong);
  }
  at::Tensor pick(const at::Tensor&, const at::Tensor&, const pick_options&) override {
    refuse<c10::ValueError>(
        "pick: on CUDA the kernels give ids to those who give ids; call pick_ids");
  }
  at::Tensor pick_ids(const at::Tensor& ids, const at::Tensor& losses,
                      const pick_options& where) override {
    const c10::cuda::CUDAGuard guard(device_);
    last_ = {};
    const at::Tensor selected = at::empty({losses.numel()}, on_device(at::kLong));
    const at::Tensor count = at::zeros({1}, on_device(at::kInt));
    with_losses(losses, [&](auto* values, std::size_t n) {
      check("pick_ids", core_.pick_ids(ids_of(ids), values, n, writable<std::int64_t>(selected),
                                       counter(count), stream(), where));
    });
    return selected.narrow(0, 0, size_of(count));
  }

  static_selection pick_static(const at::Tensor& losses, std::int64_t size,
                               const pick_options& where) override {
    take("pick_static", losses, where, (std::max)({size, losses.numel(), std::int64_t{1}}));
    const at::Tensor kept = at::arange(size, on_device(at::kInt)).lt(last_.count);
    const at::Tensor first = last_.positions.narrow(0, 0, 1);
    return {at::where(kept, last_.positions.narrow(0, 0, size), first).to(at::kLong), kept};
  }

  at::Tensor probabilities() override {
    const c10::cuda::CUDAGuard guard(device_);
    if (!last_.losses.defined())
      refuse<c10::ValueError>("probabilities: the last call was no pick");
    const at::Tensor out = at::zeros({last_.losses.numel()}, on_device(at::kFloat));
    with_losses(last_.losses, [&](auto* values, std::size_t n) {
      check("probabilities", core_.probabilities(values, n, positions(), counter(last_.count),
                                                 writable<float>(out), stream()));
    });
    return last_.size < 0 ? out : out.narrow(0, 0, last_.size);
  }
  at::Tensor selection_weights(normalisation scale, const weight_options& options) override {
    const c10::cuda::CUDAGuard guard(device_);
    const at::Tensor inclusion = probabilities();
    const at::Tensor out = at::zeros_like(inclusion);
    check("selection_weights",
          core_.selection_weights(inclusion.const_data_ptr<float>(), counter(last_.count),
                                  static_cast<std::size_t>(inclusion.numel()), scale,
                                  writable<float>(out), options, stream()));
    return out;
  }
  at::Tensor weights(const at::Tensor& losses) override {
    const c10::cuda::CUDAGuard guard(device_);
    last_ = {};
    const at::Tensor out = at::empty({losses.numel()}, on_device(at::kFloat));
    with_losses(losses, [&](auto* values, std::size_t n) {
      check("weights", core_.weights(values, n, writable<float>(out), stream()));
    });
    return out;
  }

  void visit(detail::visit what, const at::Tensor& ids, const at::Tensor& losses) override {
    const c10::cuda::CUDAGuard guard(device_);
    last_ = {};
    with_losses(losses, [&](auto* values, std::size_t n) {
      switch (what) {
        case visit::observe:
          return check("observe", core_.observe(ids_of(ids), values, n, stream()));
        case visit::refresh:
          return check("refresh", core_.refresh(ids_of(ids), values, n, stream()));
        case visit::record: return check("record", core_.record(ids_of(ids), values, n, stream()));
      }
    });
  }
  void retire(const at::Tensor& ids) override {
    const c10::cuda::CUDAGuard guard(device_);
    last_ = {};
    check("retire", core_.retire(ids_of(ids), static_cast<std::size_t>(ids.numel()), stream()));
  }
  void begin_epoch(std::uint32_t epoch) override {
    const c10::cuda::CUDAGuard guard(device_);
    last_ = {};
    check("begin_epoch", core_.begin_epoch(epoch, stream()));
  }

  at::Tensor plan(std::uint32_t epoch) override {
    const c10::cuda::CUDAGuard guard(device_);
    last_ = {};
    check("plan", core_.plan(epoch, stream()));
    const gpu::plan_state made = planned();
    const auto size = static_cast<std::int64_t>(made.train);
    const at::Tensor ids = at::empty({size}, on_device(at::kLong));
    const at::Tensor count = at::zeros({1}, on_device(at::kInt));
    if (size == 0) return ids;
    check("plan", core_.plan_batch(0, static_cast<std::size_t>(size), writable<std::int64_t>(ids),
                                   counter(count), stream()));
    return ids;
  }
  at::Tensor plan_refresh() override {
    const c10::cuda::CUDAGuard guard(device_);
    const gpu::plan_state made = planned();
    const auto size = static_cast<std::int64_t>(made.refresh);
    const at::Tensor ids = at::empty({size}, on_device(at::kLong));
    if (size != 0) {
      check("plan_refresh", cudaMemcpyAsync(ids.mutable_data_ptr(), core_.last_plan().refresh,
                                            ids.nbytes(), cudaMemcpyDeviceToDevice, stream()));
    }
    return ids;
  }

  work_counters work() override {
    const c10::cuda::CUDAGuard guard(device_);
    gpu::sieve_state state;
    check("work", core_.read_state(state, stream()));
    return state.work;
  }
  std::vector<std::byte> save() override {
    const c10::cuda::CUDAGuard guard(device_);
    std::vector<std::byte> bytes;
    check("save", core_.save(bytes, stream()));
    return bytes;
  }
  void load(std::span<const std::byte> bytes) override {
    const c10::cuda::CUDAGuard guard(device_);
    check("load", core_.load(bytes, stream()));
    last_ = {};
  }

 private:
  //! What a pick leaves for those who ask more about it.
  struct last_pick {
    at::Tensor losses, positions, count;  // int32: the kernels' uint32
    std::int64_t size = -1;               // where the host knows it
  };

  at::TensorOptions on_device(at::ScalarType type) const {
    return at::TensorOptions().dtype(type).device(device_);
  }
  cudaStream_t stream() const { return c10::cuda::getCurrentCUDAStream(device_.index()); }

  void check(const char* call, cudaError_t error) const {
    if (error == cudaSuccess) return;
    if (error == cudaErrorInvalidValue || error == cudaErrorNotSupported ||
        error == cudaErrorStreamCaptureUnsupported) {
      refuse<c10::ValueError>(call, ": ", core_.message());
    }
    refuse<c10::Error>(call, ": ", cudaGetErrorString(error));
  }

  template <class T>
  static T* writable(const at::Tensor& tensor) {
    return static_cast<T*>(tensor.mutable_data_ptr());
  }
  static std::uint32_t* counter(const at::Tensor& count) { return writable<std::uint32_t>(count); }
  static const std::int64_t* ids_of(const at::Tensor& ids) {
    return ids.const_data_ptr<std::int64_t>();
  }
  const std::uint32_t* positions() const { return writable<std::uint32_t>(last_.positions); }

  //! Calls `use` with a pointer to losses of the kernels' type and their number.
  template <class Use>
  static void with_losses(const at::Tensor& losses, Use&& use) {
    const auto n = static_cast<std::size_t>(losses.numel());
    const void* const data = losses.const_data_ptr();
    switch (losses.scalar_type()) {
      case at::kDouble: return use(static_cast<const double*>(data), n);
      case at::kHalf: return use(static_cast<const float16_bits*>(data), n);
      case at::kBFloat16: return use(static_cast<const bfloat16_bits*>(data), n);
      default: return use(static_cast<const float*>(data), n);
    }
  }

  //! Picks into `last_`, whose positions have room for `room`.
  void take(const char* call, const at::Tensor& losses, const pick_options& where,
            std::int64_t room) {
    const c10::cuda::CUDAGuard guard(device_);
    last_ = {};
    last_pick fresh{losses, at::zeros({room}, on_device(at::kInt)),
                    at::zeros({1}, on_device(at::kInt))};
    with_losses(losses, [&](auto* values, std::size_t n) {
      check(call, core_.pick(values, n, writable<std::uint32_t>(fresh.positions),
                             counter(fresh.count), stream(), where));
    });
    last_ = std::move(fresh);
  }

  //! Waits for the stream.
  std::int64_t size_of(const at::Tensor& count) {
    last_.size = count.item<std::int32_t>();
    return last_.size;
  }
  gpu::plan_state planned() {
    gpu::plan_state state;
    check("plan", core_.read_plan(state, stream()));
    return state;
  }

  at::Device device_;
  gpu::basic_sieve<Selector> core_;
  last_pick last_;
};

//! Signs up the kernels of one selector.
template <class Selector>
bool sign_up() {
  cuda_engines<Selector> = [](const sieve_options& options, const at::Device& device,
                              const Selector& selector) -> std::unique_ptr<engine> {
    return std::make_unique<cuda_engine<Selector>>(options, device, selector);
  };
  return true;
}
inline const bool cuda_is_there = sign_up<poisson_selector>() && sign_up<exactly_k_selector>();

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
