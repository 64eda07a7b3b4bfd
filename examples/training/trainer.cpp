// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "trainer.hpp"

#include <algorithm>
#include <stdexcept>

namespace training {
namespace {

constexpr double recorded_steps = 200;  // lines of steps.jsonl per run

}  // namespace

trainer::trainer(const network_factory& make, const dataset& train, const training_options& options)
    : train_(train),
      options_(options),
      network_(make(train, options)),
      work_(options.budget, options.forward_share) {
  batch_ids_.reserve(static_cast<std::size_t>(options.max_batch));
  run_.seed = options.seed;
}

void trainer::begin_forward(std::span<const std::int64_t> ids) {
  if (ids.size() > static_cast<std::size_t>(options_.max_batch)) {
    throw std::invalid_argument("a batch is wider than training_options::max_batch");
  }
  batch_ids_.assign(ids.begin(), ids.end());
  work_.add_forwards(ids.size());
}

std::span<const float> trainer::forward(std::span<const std::int64_t> ids) {
  begin_forward(ids);
  return network_->forward(ids);
}

std::span<const float> trainer::scoring_forward(std::span<const std::int64_t> ids) {
  begin_forward(ids);
  return network_->scoring_forward(ids);
}

std::span<const float> trainer::train_step(std::span<const std::int64_t> ids) {
  const auto losses = forward(ids);
  network_->backward();
  run_.trained_ids = record::fingerprint(ids, run_.trained_ids);
  if (train_.noisy) std::ranges::for_each(ids, [&](std::int64_t id) { count_wrong(id); });
  update(losses, ids.size());
  return losses;
}

void trainer::backward(std::span<const std::uint32_t> positions, std::span<const float> weights) {
  if (positions.empty()) return;
  const std::size_t computed = network_->backward(positions, weights);
  const auto losses = network_->losses();
  step_losses_.clear();
  for (const std::uint32_t position : positions) {
    step_losses_.push_back(losses[position]);
    const auto id = std::span<const std::int64_t>(batch_ids_).subspan(position, 1);
    run_.trained_ids = record::fingerprint(id, run_.trained_ids);
    if (train_.noisy) count_wrong(id.front());
  }
  update(step_losses_, computed);
}

void trainer::update(std::span<const float> losses, std::size_t computed) {
  const double rate = options_.learning_rate * options_.schedule(work_.progress(), 1.0);
  network_->update(rate);
  work_.add_backwards(computed);
  const std::size_t trained = losses.size();
  double sum = 0;
  for (const double loss : losses) sum += loss;
  sums_.learning_rate = rate;
  sums_.epoch_backwards += trained;
  sums_.epoch_loss += sum;
  ++sums_.steps;

  if (work_.progress() * recorded_steps >= static_cast<double>(sums_.next_sample)) {
    sums_.next_sample = static_cast<std::uint64_t>(work_.progress() * recorded_steps) + 1;
    const double selection = run_.selection_seconds - sums_.last_selection_seconds;
    run_.steps.push_back({.index = sums_.steps,
                          .forwards = work_.forwards(),
                          .backwards = work_.backwards(),
                          .seconds = seconds(),
                          .loss = sum / static_cast<double>(trained),
                          .learning_rate = rate,
                          .selection_us = selection * 1e6,
                          .trained_ids = run_.trained_ids});
  }
  sums_.last_selection_seconds = run_.selection_seconds;
}

void trainer::decided(const gradsieve::decision& made) {
  double spent = 0;
  {
    const stopwatch off_the_clock(spent);
    decisions_.decided(made);
  }
  excluded_ += spent;
  run_.selection_seconds -= spent;  // a sieve tells from within `selecting`
}

void trainer::end_epoch(std::size_t offered) {
  const auto trained = static_cast<double>(std::max<std::uint64_t>(sums_.epoch_backwards, 1));
  record::epoch line{.index = static_cast<std::uint32_t>(run_.epochs.size()),
                     .seconds = seconds(),
                     .forwards = work_.forwards(),
                     .backwards = work_.backwards(),
                     .train_loss = sums_.epoch_loss / trained,
                     .test_error = -1,
                     .learning_rate = sums_.learning_rate};
  line.keep_rate = static_cast<double>(sums_.epoch_backwards) /
                   static_cast<double>(std::max<std::size_t>(offered, 1));
  line.wrong_share = static_cast<double>(sums_.epoch_wrong) / trained;
  if (evaluate_epoch) {
    const stopwatch off_the_clock(excluded_);
    line.test_error = evaluate_epoch(*network_);
  }
  decisions_.end_epoch(line.index, run_.decided);
  run_.epochs.push_back(line);
  sums_.epoch_loss = 0;
  sums_.epoch_backwards = sums_.epoch_wrong = 0;
}

void trainer::start() {
  start_ = clock::now();
  next_save_ = save_every;
}

record::run trainer::record_so_far() const {
  record::run run = run_;
  run.seconds = seconds();
  run.forwards = work_.forwards();
  run.backwards = work_.backwards();
  return run;
}

record::run trainer::finish() {
  work_.add_forwards(network_->prepare_evaluation());
  run_ = record_so_far();
  run_.final_weights = network_->fingerprint();
  return std::move(run_);
}

}  // namespace training
