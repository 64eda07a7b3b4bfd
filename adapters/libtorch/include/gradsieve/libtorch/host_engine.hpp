// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The core's sieve under tensors on the CPU.
#pragma once

#include <gradsieve/libtorch/engine.hpp>

#include <optional>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch::detail {

template <selector Selector>
class host_engine final : public engine {
 public:
  using core_type = gradsieve::basic_sieve<loss_window, Selector>;

  host_engine(const sieve_options& options, const Selector& selector)
      : core_(options, loss_window(options.history), selector) {}

  core_type& core() { return core_; }

  at::Device device() const override { return at::kCPU; }

  at::Tensor pick(const at::Tensor& losses, const pick_options& where) override {
    return index_of(take(losses, where));
  }
  at::Tensor pick(const at::Tensor& ids, const at::Tensor& losses,
                  const pick_options& where) override {
    return index_of(take(ids, losses, where));
  }
  at::Tensor pick_ids(const at::Tensor& ids, const at::Tensor& losses,
                      const pick_options& where) override {
    return to_tensor<std::int64_t>(take(ids, losses, where).ids(), at::kLong);
  }

  static_selection pick_static(const at::Tensor& losses, std::int64_t size,
                               const pick_options& where) override {
    const auto positions = take(losses, where).positions();
    static_selection out{at::empty({size}, at::kLong), at::empty({size}, at::kBool)};
    auto* const index = out.index.mutable_data_ptr<std::int64_t>();
    auto* const kept = out.kept.mutable_data_ptr<bool>();
    const std::size_t count = positions.size();
    for (std::size_t i = 0; i < static_cast<std::size_t>(size); ++i) {
      kept[i] = i < count;
      index[i] = count == 0 ? 0 : std::int64_t{positions[kept[i] ? i : 0]};
    }
    return out;
  }

  at::Tensor probabilities() override {
    return to_tensor<float>(last("probabilities").probabilities(), at::kFloat);
  }
  at::Tensor selection_weights(normalisation scale, const weight_options& options) override {
    return to_tensor<float>(last("selection_weights").weights(scale, options), at::kFloat);
  }

  at::Tensor weights(const at::Tensor& losses) override {
    last_.reset();
    return with_losses(
        losses, [&](auto values) { return to_tensor<float>(core_.weights(values), at::kFloat); });
  }

  void visit(detail::visit what, const at::Tensor& ids, const at::Tensor& losses) override {
    last_.reset();
    const auto examples = elements<std::int64_t>(ids);
    with_losses(losses, [&](auto values) {
      switch (what) {
        case visit::observe: core_.observe(examples, values); break;
        case visit::refresh: core_.refresh(examples, values); break;
        case visit::record: core_.record(examples, values); break;
      }
    });
  }

  void retire(const at::Tensor& ids) override {
    last_.reset();
    core_.retire(elements<std::int64_t>(ids));
  }
  void begin_epoch(std::uint32_t epoch) override {
    last_.reset();
    core_.begin_epoch(epoch);
  }

  at::Tensor plan(std::uint32_t epoch) override {
    last_.reset();
    const plan_view plan = core_.plan(epoch);
    if (plan.size() == 0) return at::empty({0}, at::kLong);
    return to_tensor<std::int64_t>(*plan.batches(plan.size()).begin(), at::kLong);
  }
  at::Tensor plan_refresh() override {
    last_.reset();
    return to_tensor<std::int64_t>(core_.plan(core_.epoch()).refresh(), at::kLong);
  }

  work_counters work() override { return core_.work(); }
  std::vector<std::byte> save() override { return core_.save(); }
  void load(std::span<const std::byte> bytes) override {
    core_.load(bytes);
    last_.reset();
  }

 private:
  using selection = basic_selection<Selector>;

  const selection& take(const at::Tensor& losses, const pick_options& where) {
    last_.reset();
    with_losses(losses, [&](auto values) { last_.emplace(core_.pick(values, where)); });
    return *last_;
  }
  const selection& take(const at::Tensor& ids, const at::Tensor& losses,
                        const pick_options& where) {
    last_.reset();
    with_losses(losses, [&](auto values) {
      last_.emplace(core_.pick(elements<std::int64_t>(ids), values, where));
    });
    return *last_;
  }
  static at::Tensor index_of(const selection& picked) {
    return to_tensor<std::int64_t>(picked.positions(), at::kLong);
  }

  const selection& last(const char* call) const {
    if (!last_) refuse<c10::ValueError>(call, ": the last call was no pick");
    return *last_;
  }

  core_type core_;
  std::optional<selection> last_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch::detail
