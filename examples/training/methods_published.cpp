// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The published methods of gradsieve/methods.hpp that this trainer can run, each on the same
//! loop. Those that pick back-propagate a part of the forward pass that they score with.
#include "epochs.hpp"
#include "methods.hpp"
#include "weighted_step.hpp"

#include <gradsieve/methods.hpp>

#include <cstring>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace training {
namespace {

namespace published = gradsieve::methods;

//! An epoch for schedules that are shares of the training: the budget is work, and how many epochs
//! it makes is not known beforehand.
std::uint32_t epoch_of_work(const trainer& run, std::uint32_t epochs) {
  const double at = run.progress() * static_cast<double>(epochs);
  return std::min(static_cast<std::uint32_t>(at), epochs - 1);
}

//! A batch's weights for `backward`, which takes the mean of those selected: k / n of the weights
//! that make the sum over n unbiased.
template <class Selection>
void unbiased_mean(const Selection& picked, std::vector<float>& weights) {
  const auto given = picked.weights(gradsieve::normalisation::unbiased);
  const float share = static_cast<float>(picked.size()) / static_cast<float>(picked.offered());
  weights.clear();
  for (const float weight : given) weights.push_back(weight * share);
}

enum class weigh { nothing, unbiased };

//! Back-propagates what `method` picks of each forward pass.
//! @param width  of the forward passes, in training batches
//! @param watched  the sieve in `method`
template <class Method, class Sieve>
void train_picking(trainer& run, Method& method, Sieve& watched, std::uint32_t epochs, double width,
                   weigh weights_are = weigh::nothing) {
  watched.watch(run);
  auto order = shuffled(run);
  const auto widened = static_cast<std::size_t>(
      std::clamp(std::round(width * static_cast<double>(run.batch_size())), 1.0, 1024.0));
  std::vector<float> weights;
  const auto open = [&](const place& at) { return rest_of(order.plan(at.epoch), at, widened); };
  train_epochs(run, {&method, &order}, open, [&](std::span<const std::int64_t> ids) {
    method.begin_epoch(epoch_of_work(run, epochs));
    const auto losses = run.forward(ids);
    const auto picked = run.selecting([&] { return method.pick(ids, losses); });
    weights.clear();
    if (weights_are == weigh::unbiased) {
      run.selecting([&] { unbiased_mean(picked, weights); });
    }
    run.backward(picked.positions(), weights);
  });
}
template <class Sieve>
void train_picking(trainer& run, Sieve sieve, std::uint32_t epochs, double width,
                   weigh weights_are = weigh::nothing) {
  train_picking(run, sieve, sieve, epochs, width, weights_are);
}

//! Counts of an epoch that is still going on, saved with the run.
struct accuracy_meter {
  std::uint64_t epoch = 0, right = 0, seen = 0;

  std::vector<std::byte> save() const {
    std::vector<std::byte> bytes(sizeof *this);
    std::memcpy(bytes.data(), this, sizeof *this);
    return bytes;
  }
  void load(std::span<const std::byte> bytes) {
    if (bytes.size() != sizeof *this) throw std::runtime_error("not the counts of an epoch");
    std::memcpy(static_cast<void*>(this), bytes.data(), sizeof *this);
  }
};

//! Trains on the epochs that `method` plans.
template <class Method>
void train_planned(trainer& run, Method method) {
  method.watch(run);
  weighted_step step(run);
  std::vector<float> weights;
  const auto open = [&](const place& at) {
    const auto plan = run.selecting([&] { return method.plan(at.epoch); });
    return plan.batches(run.batch_size(), gradsieve::last_batch::partial, at.batch);
  };
  train_epochs(run, {&method}, open, [&](std::span<const std::int64_t> ids) {
    weights.resize(ids.size());
    run.selecting([&] { method.plan(method.epoch()).write_weights(ids, weights); });
    const auto losses = step(ids, weights);
    run.selecting([&] { method.observe(ids, losses); });
  });
}

//! The run's shape with its schedules as fine as a thousandth of its work.
published::run_shape by_work(const trainer& run) {
  auto shape = shape_of(run);
  shape.epochs = 1000;
  return shape;
}

//! The shape with so many epochs as its work makes when each costs this share of a plain one.
published::run_shape shorter_epochs(const trainer& run, double cost) {
  auto shape = shape_of(run);
  shape.epochs = static_cast<std::uint32_t>(std::max(2.0, std::round(run.passes() / cost)));
  return shape;
}

}  // namespace

void train_top_k(trainer& run, const method_options& options) {
  train_picking(run, published::top_k{options.keep}.make(by_work(run)), 1000, 1 / options.keep);
}
void train_low_k(trainer& run, const method_options& options) {
  train_picking(run, published::low_k{options.keep}.make(by_work(run)), 1000, 1 / options.keep);
}
void train_random_k(trainer& run, const method_options& options) {
  train_picking(run, published::random_k{options.keep}.make(by_work(run)), 1000, 1 / options.keep);
}

void train_ordered(trainer& run, const method_options&) {
  auto sieve = published::ordered_sgd{}.make(shape_of(run));
  sieve.watch(run);
  auto order = shuffled(run);
  accuracy_meter counts;
  const auto step = [&](std::span<const std::int64_t> ids) {
    if (counts.epoch != order.epoch()) {  // q follows the accuracy over the epoch before
      const auto seen = static_cast<double>(std::max<std::uint64_t>(counts.seen, 1));
      sieve.selector().count.told(static_cast<double>(counts.right) / seen);
      counts = {.epoch = order.epoch()};
    }
    const auto losses = run.forward(ids);
    counts.seen += ids.size();
    counts.right += ids.size() - static_cast<std::uint64_t>(run.mistakes());
    const auto picked = run.selecting([&] { return sieve.pick(losses); });
    run.backward(picked.positions());
  };
  train_epochs(run, {&sieve, &order, &counts}, all_batches(run, order), step);
}

void train_composer(trainer& run, const method_options& options) {
  train_picking(run, published::composer{.keep = options.keep}.make(by_work(run)), 1000, 1);
}

void train_importance(trainer& run, const method_options& options) {
  const published::importance_sampling method{.keep = options.keep};
  train_picking(run, method.make(by_work(run)), 1000, 1 / options.keep, weigh::unbiased);
}

void train_minimal_variance(trainer& run, const method_options& options) {
  const published::minimal_variance method{.keep = options.keep};
  train_picking(run, method.make(by_work(run)), 1000, 1 / options.keep, weigh::unbiased);
}

void train_goss(trainer& run, const method_options& options) {
  // LightGBM's proportion of the largest to the rest.
  const published::goss method{.top = options.keep * 2 / 3, .rest = options.keep / 3};
  train_picking(run, method.make(by_work(run)), 1000, 1 / options.keep, weigh::unbiased);
}

void train_dropout(trainer& run, const method_options&) {
  const auto shape = shape_of(run);
  train_picking(run, published::progressive_dropout{}.make(shape), shape.epochs, 1);
}
void train_dropout_random(trainer& run, const method_options&) {
  const auto shape = shape_of(run);
  train_picking(run, published::progressive_dropout_random{}.make(shape), shape.epochs, 1);
}

void train_evolved(trainer& run, const method_options& options) {
  auto method = published::evolved_sampling{.keep = options.keep}.make(by_work(run));
  train_picking(run, method, method.sieve(), 1000, 1 / options.keep);
}

void train_ratio(trainer& run, const method_options& options) {
  const published::ratio_schedule method{
      .mean = options.keep,
      .low = options.keep / 2,
      .decision = {
          .beta = options.beta, .history = options.history, .queued = false, .warm_up = 0}};
  train_picking(run, method.make(by_work(run)), 1000, 1 / options.keep);
}

void train_info_batch(trainer& run, const method_options& options) {
  // Some two thirds of the losses lie below their mean; of those 1 - keep are left out.
  const double cost = 1 - 0.875 * 0.66 * (1 - options.keep);
  const published::info_batch method{.ratio = 1 - options.keep};
  train_planned(run, method.make(shorter_epochs(run, cost)));
}

void train_random_subsets(trainer& run, const method_options& options) {
  const published::random_subsets method{.keep = options.keep, .warm_up = 1};
  train_planned(run, method.make(shorter_epochs(run, options.keep)));
}

void train_online_batch_selection(trainer& run, const method_options& options) {
  const published::online_batch_selection method{.keep = options.keep};
  train_planned(run, method.make(shorter_epochs(run, options.keep)));
}

void train_replay(trainer& run, const method_options&) {
  auto method = published::prioritised_replay{}.make(shape_of(run));
  auto order = shuffled(run);
  weighted_step step(run);
  std::vector<std::int64_t> drawn;
  const auto open = [&](const place& at) {
    method.begin_epoch(at.epoch);
    return rest_of(order.plan(at.epoch), at, run.batch_size());
  };
  train_epochs(run, {&method, &order}, open, [&](std::span<const std::int64_t> ids) {
    if (order.epoch() == 0) {  // every example has a loss before any is drawn
      const auto losses = run.train_step(ids);
      run.selecting([&] { method.observe(ids, losses); });
      return;
    }
    const auto batch = run.selecting([&] { return method.draw(ids.size()); });
    drawn.assign(batch.ids.begin(), batch.ids.end());
    const auto losses = step(drawn, batch.weights);
    run.selecting([&] { method.observe(drawn, losses); });
  });
}

void train_reweighting(trainer& run, const method_options&) {
  auto order = shuffled(run);
  std::vector<std::uint32_t> all;
  std::vector<float> weights;
  train_epochs(run, {&order}, all_batches(run, order), [&](std::span<const std::int64_t> ids) {
    const auto losses = run.forward(ids);
    all.resize(ids.size());
    weights.resize(ids.size());
    std::iota(all.begin(), all.end(), 0u);
    run.selecting([&] { published::loss_reweighting{}.write_weights(losses, weights); });
    run.backward(all, weights);
  });
}

}  // namespace training
