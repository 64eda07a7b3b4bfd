// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "trainer.hpp"

#include <gradsieve/eigen/columns.hpp>

#include <algorithm>
#include <stdexcept>

namespace eigen_mlp {
namespace {

constexpr double recorded_steps = 200;  // lines of steps.jsonl per run

}  // namespace

score evaluate(mlp& network, const dataset& data) {
  constexpr Eigen::Index batch = 500;
  score total;
  for (Eigen::Index first = 0; first < data.size(); first += batch) {
    const Eigen::Index count = std::min(batch, data.size() - first);
    network.input(count) = data.images.middleCols(first, count);
    const std::span labels(data.labels.data() + first, static_cast<std::size_t>(count));
    for (const double loss : network.forward(labels)) total.nll += loss;
    total.error += static_cast<double>(network.mistakes(labels));
  }
  const auto count = static_cast<double>(data.size());
  return {total.error / count, total.nll / count};
}

trainer::trainer(const dataset& train, const training_options& options)
    : train_(train),
      options_(options),
      network_(options.layers, static_cast<int>(options.max_batch), options.seed),
      optimiser_(network_.parameters().size(), options.optimiser),
      work_(options.budget, options.forward_share) {
  const auto widest = static_cast<std::size_t>(options.max_batch);
  labels_.reserve(widest);
  batch_ids_.reserve(widest);
  run_.seed = options.seed;
}

void trainer::load_batch(std::span<const std::int64_t> ids) {
  if (ids.size() > static_cast<std::size_t>(options_.max_batch)) {
    throw std::invalid_argument("a batch is wider than training_options::max_batch");
  }
  gradsieve::eigen::gather_columns(train_.images, ids,
                                   network_.input(static_cast<Eigen::Index>(ids.size())));
  batch_ids_.assign(ids.begin(), ids.end());
  labels_.clear();
  for (const std::int64_t id : ids) labels_.push_back(train_.labels[static_cast<std::size_t>(id)]);
}

std::span<const float> trainer::forward(std::span<const std::int64_t> ids) {
  load_batch(ids);
  work_.add_forwards(ids.size());
  return network_.forward(labels_);
}

std::span<const float> trainer::train_step(std::span<const std::int64_t> ids) {
  const auto losses = forward(ids);
  network_.backward();
  if (train_.noisy) std::ranges::for_each(ids, [&](std::int64_t id) { count_wrong(id); });
  update(losses, ids.size());
  return losses;
}

void trainer::backward(std::span<const std::uint32_t> positions, std::span<const float> weights) {
  if (positions.empty()) return;
  network_.backward(positions, weights);
  const auto losses = network_.losses();
  step_losses_.clear();
  for (const std::uint32_t position : positions) {
    step_losses_.push_back(losses[position]);
    if (train_.noisy) count_wrong(batch_ids_[position]);
  }
  update(step_losses_, positions.size());
}

void trainer::update(std::span<const float> losses, std::size_t trained) {
  rate_ = options_.learning_rate * options_.schedule(work_.progress(), 1.0);
  optimiser_.step(network_.parameters(), network_.gradient(), static_cast<float>(rate_));
  work_.add_backwards(trained);
  epoch_backwards_ += trained;
  double sum = 0;
  for (const double loss : losses) sum += loss;
  epoch_loss_ += sum;
  ++steps_;

  if (work_.progress() * recorded_steps >= static_cast<double>(next_sample_)) {
    next_sample_ = static_cast<std::uint64_t>(work_.progress() * recorded_steps) + 1;
    run_.steps.push_back({.index = steps_,
                          .forwards = work_.forwards(),
                          .backwards = work_.backwards(),
                          .seconds = seconds(),
                          .loss = sum / static_cast<double>(trained),
                          .learning_rate = rate_,
                          .selection_us = (selection_seconds_ - last_selection_) * 1e6});
  }
  last_selection_ = selection_seconds_;
  if (!probe_points.empty() && work_.progress() >= probe_points.front()) {
    const stopwatch off_the_clock(excluded_);
    probe(network_, probe_points.front());
    probe_points.erase(probe_points.begin());
  }
}

void trainer::end_epoch(std::size_t offered) {
  const auto trained = static_cast<double>(std::max<std::uint64_t>(epoch_backwards_, 1));
  record::epoch line{.index = static_cast<std::uint32_t>(run_.epochs.size()),
                     .seconds = seconds(),
                     .forwards = work_.forwards(),
                     .backwards = work_.backwards(),
                     .train_loss = epoch_loss_ / trained,
                     .test_error = -1,
                     .learning_rate = rate_};
  line.keep_rate = static_cast<double>(epoch_backwards_) /
                   static_cast<double>(std::max<std::size_t>(offered, 1));
  line.wrong_share = static_cast<double>(wrong_) / trained;
  if (evaluate_epoch) {
    const stopwatch off_the_clock(excluded_);
    line.test_error = evaluate_epoch(network_);
  }
  run_.epochs.push_back(line);
  epoch_loss_ = 0;
  epoch_backwards_ = wrong_ = 0;
}

void trainer::start() {
  start_ = clock::now();
  excluded_ = selection_seconds_ = last_selection_ = 0;
}

record::run trainer::finish() {
  run_.seconds = seconds();
  run_.selection_seconds = selection_seconds_;
  run_.forwards = work_.forwards();
  run_.backwards = work_.backwards();
  return std::move(run_);
}

}  // namespace eigen_mlp
