// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "epoch_log.hpp"

#include "../common/fingerprint.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace libtorch_cifar10 {
namespace {

constexpr double recorded_steps = 200;  // lines of steps.jsonl per run

}  // namespace

epoch_log::epoch_log(const training::dataset& train, const training::training_options& options,
                     const at::Device& device)
    : train_(train),
      epoch_loss_(at::zeros({}, at::TensorOptions().dtype(at::kDouble).device(device))) {
  run_.seed = options.seed;
}

void epoch_log::step(const at::Tensor& ids, const at::Tensor& losses, double learning_rate,
                     double selection_seconds, double seconds, const training::work_meter& work) {
  ids_.push_back(ids);
  trained_ += static_cast<std::size_t>(ids.numel());
  epoch_loss_ += losses.sum();
  ++sums_.steps;
  sums_.learning_rate = learning_rate;
  run_.seconds = seconds;
  run_.selection_seconds = selection_seconds;
  run_.forwards = work.forwards();
  run_.backwards = work.backwards();
  const auto point = static_cast<std::uint64_t>(work.progress() * recorded_steps);
  if (point >= sums_.next_sample) {
    sums_.next_sample = point + 1;
    samples_.push_back({{.index = sums_.steps,
                         .forwards = run_.forwards,
                         .backwards = run_.backwards,
                         .seconds = seconds,
                         .learning_rate = learning_rate,
                         .selection_us = 1e6 * (selection_seconds - sums_.last_selection_seconds)},
                        losses.mean(),
                        trained_});
  }
  sums_.last_selection_seconds = selection_seconds;
}

void epoch_log::read_device() {
  if (ids_.empty()) return;
  const at::Tensor here = at::cat(ids_).cpu();
  const std::span ids(here.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(here.numel()));
  std::size_t read = 0;
  const auto read_until = [&](std::size_t end) {
    run_.trained_ids = record::fingerprint(ids.subspan(read, end - read), run_.trained_ids);
    read = end;
  };
  if (!samples_.empty()) {
    std::vector<at::Tensor> means;
    for (const sample& each : samples_) means.push_back(each.loss);
    const at::Tensor losses = at::stack(means).cpu();
    const float* loss = losses.const_data_ptr<float>();
    for (sample& each : samples_) {
      read_until(each.trained);
      each.line.trained_ids = run_.trained_ids;
      each.line.loss = *loss++;
      run_.steps.push_back(each.line);
    }
  }
  read_until(ids.size());
  sums_.epoch_backwards += ids.size();
  sums_.epoch_wrong += static_cast<std::uint64_t>(
      std::ranges::count_if(ids, [&](std::int64_t id) { return train_.is_wrong(id); }));
  sums_.epoch_loss = epoch_loss_.item<double>();
  ids_.clear();
  samples_.clear();
  trained_ = 0;
}

void epoch_log::end_epoch(std::int64_t offered, double seconds) {
  run_.seconds = seconds;
  const auto trained = static_cast<double>(std::max<std::uint64_t>(sums_.epoch_backwards, 1));
  record::epoch line{.index = static_cast<std::uint32_t>(run_.epochs.size()),
                     .seconds = run_.seconds,
                     .forwards = run_.forwards,
                     .backwards = run_.backwards,
                     .train_loss = sums_.epoch_loss / trained,
                     .test_error = -1,
                     .learning_rate = sums_.learning_rate};
  line.keep_rate = static_cast<double>(sums_.epoch_backwards) / static_cast<double>(offered);
  line.wrong_share = static_cast<double>(sums_.epoch_wrong) / trained;
  run_.epochs.push_back(line);
  epoch_loss_.zero_();
  sums_.epoch_loss = 0;
  sums_.epoch_backwards = sums_.epoch_wrong = 0;
}

training::snapshot epoch_log::snapshot(double seconds) {
  run_.seconds = seconds;
  return {.at = {}, .sieves = {}, .network = {}, .sums = sums_, .run = run_};
}

void epoch_log::resume(const training::snapshot& saved) {
  run_ = saved.run;
  sums_ = saved.sums;
  epoch_loss_.fill_(sums_.epoch_loss);
}

}  // namespace libtorch_cifar10
