// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sieve over tensors, on whatever device they live.
#pragma once

#include <gradsieve/libtorch/host_engine.hpp>
#include <gradsieve/select/exactly_k.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

//! Learns from tensors of per-example losses which examples deserve a gradient, as
//! `gradsieve::sieve` does, bit for bit.
//!
//! Losses are [n] of any floating dtype, strided as they like, with or without a graph: they are
//! read and never changed, and no gradient flows through a selection. Ids are [n] of any integer
//! dtype. All tensors must be on the sieve's device; results are new tensors there.
//!
//! On CUDA calls enqueue work on the current stream; one sieve is used on one stream at a time, or
//! on several ordered by events. `pick`, `pick_ids` and `plan` wait for the stream, to learn the
//! size of their result, and so do `work`, `save` and `load`; all others do not. Ids that do not
//! exist are passed over there. What the kernels do not know (scores, policies per group,
//! `min_batch`, queues) is refused by the constructor. One thread at a time.
//!
//! @throws c10::IndexError for an id outside of the ledger; c10::TypeError for a dtype;
//! c10::ValueError for another shape or device and for all else that the core refuses. Nothing is
//! changed then.
template <selector Selector = poisson_selector>
class basic_sieve {
 public:
  //! @param device  the CPU or a CUDA device. The latter needs one file of the program that nvcc
  //! compiles and that includes <gradsieve/libtorch/cuda.hpp>.
  explicit basic_sieve(const sieve_options& options, const at::Device& device = at::kCPU,
                       const Selector& selector = Selector())
      : options_(options), selector_(selector), engine_(make(device)) {}

  at::Device device() const { return engine_->device(); }
  const sieve_options& options() const { return options_; }

  //! @name Pick after the forward pass
  //! @{

  //! Positions of the examples to back-propagate: [count], int64, ascending, for `index_select`.
  at::Tensor pick(const at::Tensor& losses, const pick_options& where = {}) {
    const at::Tensor values = losses_of("pick", losses);
    return detail::translated([&] { return engine_->pick(values, where); });
  }
  //! The same with the examples' ids: also updates the ledger. On the CPU; on CUDA see `pick_ids`.
  at::Tensor pick(const at::Tensor& ids, const at::Tensor& losses, const pick_options& where = {}) {
    const at::Tensor examples = ids_of("pick", ids), values = losses_of("pick", losses);
    return detail::translated([&] { return engine_->pick(examples, values, where); });
  }
  //! The same, but ids are returned.
  at::Tensor pick_ids(const at::Tensor& ids, const at::Tensor& losses,
                      const pick_options& where = {}) {
    const at::Tensor examples = ids_of("pick_ids", ids), values = losses_of("pick_ids", losses);
    check_sizes("pick_ids", examples, values);
    return detail::translated([&] { return engine_->pick_ids(examples, values, where); });
  }

  //! A selection of always the same size, so that shapes are static: no waiting, and a CUDA graph
  //! can hold it. Of more than `size` the first are taken. Where fewer were selected, `index` holds
  //! the first again (0 if none was) and `kept` is false: weigh the losses by it.
  //! @param size  -1: the selector's k, at most n; n for selectors without
  static_selection pick_static(const at::Tensor& losses, std::int64_t size = -1,
                               const pick_options& where = {}) {
    const at::Tensor values = losses_of("pick_static", losses);
    if (size < -1) detail::refuse<c10::ValueError>("pick_static: the size is ", size);
    if (size == -1) size = usual_size(values.numel());
    return detail::translated([&] { return engine_->pick_static(values, size, where); });
  }

  //! Of the last pick: the probability with which each was to be selected, [count], float32; after
  //! `pick_static` on CUDA [n], of which the first `count` mean something.
  at::Tensor probabilities() {
    return detail::translated([&] { return engine_->probabilities(); });
  }
  //! Of the last pick: one weight for each, shaped as `probabilities`.
  at::Tensor selection_weights(normalisation scale, const weight_options& options = {}) {
    return detail::translated([&] { return engine_->selection_weights(scale, options); });
  }
  //! @}

  //! Weights only: one for each example, [n], float32, mean 1; nothing is dropped.
  at::Tensor weights(const at::Tensor& losses) {
    const at::Tensor values = losses_of("weights", losses);
    return detail::translated([&] { return engine_->weights(values); });
  }

  //! @name Plan before the batch
  //! @{

  //! Ids of the examples to train in this epoch, shuffled: [count], int64.
  //! `for (const auto& ids : sieve.plan(epoch).split(128))`
  at::Tensor plan(std::uint32_t epoch) {
    return detail::translated([&] { return engine_->plan(epoch); });
  }
  //! Ids that the last plan spares though their loss is stale: forward them without gradient, then
  //! `refresh`. Ascending.
  at::Tensor plan_refresh() {
    return detail::translated([&] { return engine_->plan_refresh(); });
  }
  //! Losses of examples that were just trained on.
  void observe(const at::Tensor& ids, const at::Tensor& losses) {
    visit(detail::visit::observe, "observe", ids, losses);
  }
  //! Losses of examples that were forwarded without gradient.
  void refresh(const at::Tensor& ids, const at::Tensor& losses) {
    visit(detail::visit::refresh, "refresh", ids, losses);
  }
  //! Losses that stand for no work, such as those of an optimiser's step that a gradient scaler
  //! skipped.
  void record(const at::Tensor& ids, const at::Tensor& losses) {
    visit(detail::visit::record, "record", ids, losses);
  }
  //! Takes examples out for good.
  void retire(const at::Tensor& ids) {
    const at::Tensor examples = ids_of("retire", ids);
    detail::translated([&] { engine_->retire(examples); });
  }
  //! Tells the epoch to the schedules; `plan` does so itself.
  void begin_epoch(std::uint32_t epoch) {
    detail::translated([&] { engine_->begin_epoch(epoch); });
  }
  //! @}

  work_counters work() const {
    return detail::translated([&] { return engine_->work(); });
  }

  //! The state as bytes, [size], uint8, on the CPU: those of `gradsieve::sieve::save`.
  at::Tensor save() const {
    return detail::translated(
        [&] { return detail::to_tensor(std::span<const std::byte>(engine_->save())); });
  }
  //! @param state  bytes that any sieve with these options saved, on any device. @throws c10::Error
  //! for others; nothing is changed then.
  void load(const at::Tensor& state) {
    const std::vector<std::byte> bytes = detail::to_bytes("load", state);
    detail::translated([&] { engine_->load(bytes); });
  }

  //! Moves the sieve, its state with it.
  void to(const at::Device& device) {
    if (detail::same_place(device, this->device())) return;
    auto moved = make(device);
    detail::translated([&] { moved->load(engine_->save()); });
    engine_ = std::move(moved);
  }

  //! The core's sieve, for its queue, groups and observers. @throws c10::ValueError on CUDA
  gradsieve::basic_sieve<loss_window, Selector>& host() {
    auto* const host = dynamic_cast<detail::host_engine<Selector>*>(engine_.get());
    if (host == nullptr) detail::refuse<c10::ValueError>("host: this sieve is on a CUDA device");
    return host->core();
  }

 private:
  std::unique_ptr<detail::engine> make(const at::Device& device) const {
    return detail::translated([&]() -> std::unique_ptr<detail::engine> {
      if (device.is_cpu()) {
        return std::make_unique<detail::host_engine<Selector>>(options_, selector_);
      }
      if (!device.is_cuda()) {
        detail::refuse<c10::ValueError>("sieve: the device is ", device.str().c_str(),
                                        ", expected cpu or cuda");
      }
      const auto make_engine = detail::cuda_engines<Selector>.load();
      if (make_engine == nullptr) {
        detail::refuse<c10::ValueError>(
            "sieve: no kernels for ", device.str().c_str(),
            ": let nvcc compile one file that includes <gradsieve/libtorch/cuda.hpp> (its kernels "
            "are for poisson_selector and exactly_k_selector)");
      }
      return make_engine(options_, device, selector_);
    });
  }

  at::Tensor losses_of(const char* call, const at::Tensor& losses) const {
    return detail::packed_losses(call, losses, device());
  }
  at::Tensor ids_of(const char* call, const at::Tensor& ids) const {
    return detail::packed_ids(call, ids, device());
  }
  static void check_sizes(const char* call, const at::Tensor& ids, const at::Tensor& losses) {
    if (ids.numel() != losses.numel()) {
      detail::refuse<c10::ValueError>(call, ": ", ids.numel(), " ids and ", losses.numel(),
                                      " losses");
    }
  }

  void visit(detail::visit what, const char* call, const at::Tensor& ids,
             const at::Tensor& losses) {
    const at::Tensor examples = ids_of(call, ids), values = losses_of(call, losses);
    check_sizes(call, examples, values);
    detail::translated([&] { engine_->visit(what, examples, values); });
  }

  std::int64_t usual_size(std::int64_t n) const {
    if constexpr (requires { selector_.k; }) {
      return (std::min)(n, static_cast<std::int64_t>(selector_.k));
    }
    return n;
  }

  sieve_options options_;
  Selector selector_;
  std::unique_ptr<detail::engine> engine_;
};

//! The sieve that most users meet: independent draws.
using sieve = basic_sieve<>;
//! Exactly k of each batch.
using exactly_k_sieve = basic_sieve<exactly_k_selector>;

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
