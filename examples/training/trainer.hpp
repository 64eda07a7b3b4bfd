// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What every method is given: a network on a data set, a work budget, and the stopwatch.
#pragma once

#include "../common/record.hpp"
#include "dataset.hpp"
#include "decision_log.hpp"
#include "network.hpp"
#include "saved_part.hpp"
#include "schedule.hpp"
#include "snapshot.hpp"
#include "training_options.hpp"

#include <gradsieve/sieve.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace training {

//! What the library's ledger knew of an example when a run ended.
struct remembered {
  std::uint32_t seen = 0, selected = 0;
  float loss = 0;
};

//! Runs steps for a method and records what they cost. The clock runs from `start` to `finish`,
//! evaluation excepted; it is only read, nothing depends on it.
class trainer {
 public:
  trainer(const network_factory& make, const dataset& train, const training_options& options);

  // What a method needs to know.
  std::int64_t examples() const { return train_.size(); }
  int classes() const { return train_.classes(); }
  std::uint8_t label(std::int64_t id) const { return train_.label(id); }
  std::size_t batch_size() const { return static_cast<std::size_t>(options_.batch_size); }
  std::uint64_t seed() const { return options_.seed; }
  double progress() const { return work_.progress(); }
  //! Passes of plain training that the budget is worth.
  double passes() const { return options_.budget / static_cast<double>(examples()); }
  bool finished() const { return work_.finished(); }

  // What a method can do with examples.
  //! Forward, backward and update on these ids; returns the losses before the update.
  std::span<const float> train_step(std::span<const std::int64_t> ids);
  //! A forward pass that `backward` may follow; returns the losses.
  std::span<const float> forward(std::span<const std::int64_t> ids);
  //! A forward pass for the losses alone.
  std::span<const float> scoring_forward(std::span<const std::int64_t> ids);
  //! How many examples of the last forward pass had another class than their label on top.
  std::int64_t mistakes() const { return network_->mistakes(); }
  //! Back-propagates some positions of the last forward pass and updates.
  void backward(std::span<const std::uint32_t> positions, std::span<const float> weights = {});

  //! Calls the library and counts the time as selection; it is inside the training time as well.
  template <class Call>
  decltype(auto) selecting(Call&& call) {
    const stopwatch watch(run_.selection_seconds);
    return call();
  }

  //! Called by the sieves that watch with this trainer (`sieve.watch(run)`): statistics, off the
  //! clock.
  void decided(const gradsieve::decision& made);

  //! Closes a line of epochs.csv. `offered` is how many examples the epoch chose from.
  void end_epoch(std::size_t offered);
  //! Hands over what the ledger knew, for the contact sheets.
  void remember(std::vector<remembered> ledger) { remembered_ = std::move(ledger); }

  // For the loop over batches (epochs.hpp).
  using part_list = std::initializer_list<saved_part>;
  //! Where the run begins: at the first batch, or, resumed, where it was saved, with the parts as
  //! they were there.
  place begin(part_list parts);
  //! Probes and saves the run if it is time.
  void between_batches(const place& at, part_list parts);

  // For whoever starts the method.
  //! Called at each end of an epoch, off the clock.
  std::function<double(network&)> evaluate_epoch;
  //! Called after the batch in which progress passes each of these points, off the clock. A resumed
  //! run is given those that are still to come.
  std::vector<double> probe_points;
  std::function<void(network&, double)> probe;
  //! Called between two batches whenever so many steps were done, off the clock; 0: never.
  std::uint64_t save_every = 0;
  std::function<void(snapshot)> save;

  void start();
  //! Instead of `start`: goes on with a run of the same options and data.
  //! @throws std::runtime_error if it is of another network
  void resume(snapshot saved);
  //! Leaves the network ready for evaluation.
  record::run finish();
  network& trained() { return *network_; }
  const std::vector<remembered>& memory() const { return remembered_; }

 private:
  using clock = std::chrono::steady_clock;
  static double seconds_since(clock::time_point start) {
    return std::chrono::duration<double>(clock::now() - start).count();
  }
  struct stopwatch {
    explicit stopwatch(double& sum) : total(sum), begin(clock::now()) {}
    ~stopwatch() { total += seconds_since(begin); }
    stopwatch(const stopwatch&) = delete;
    stopwatch& operator=(const stopwatch&) = delete;
    double& total;
    clock::time_point begin;
  };

  void begin_forward(std::span<const std::int64_t> ids);
  void update(std::span<const float> losses, std::size_t computed);
  void count_wrong(std::int64_t id) { sums_.epoch_wrong += train_.is_wrong(id) ? 1u : 0u; }
  record::run record_so_far() const;
  double seconds() const { return seconds_since(start_) - excluded_; }

  const dataset& train_;
  training_options options_;
  std::unique_ptr<network> network_;
  work_meter work_;
  std::vector<std::int64_t> batch_ids_;  // of the last batch
  std::vector<float> step_losses_;
  std::vector<remembered> remembered_;
  decision_log decisions_;
  record::run run_;  // so far
  tally sums_;
  std::optional<snapshot> resumed_;  // until the method begins
  clock::time_point start_;
  double excluded_ = 0;
  std::uint64_t next_save_ = 0;  // in steps
};

}  // namespace training
