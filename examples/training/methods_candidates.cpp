// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Ideas of our own that the study tries: each is `plan-power` with one thing changed.
#include "epochs.hpp"
#include "methods.hpp"
#include "state_bytes.hpp"
#include "weighted_step.hpp"

#include <gradsieve/gradsieve.hpp>
#include <gradsieve/select/systematic.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace training {
namespace {

constexpr std::size_t window_size = 1024;

gradsieve::sieve_options steeply(const trainer& run, const method_options& options) {
  return planned(run, options, gradsieve::power{.beta = options.beta, .floor = options.floor});
}

//! A part's own bytes as a list.
void add_part(state_writer& out, std::span<const std::byte> bytes) {
  out.add(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}
template <class Part>
void load_part(state_reader& in, Part& part) {
  const auto bytes = in.list<unsigned char>();
  part.load(std::as_bytes(std::span(bytes)));
}

//! Epochs planned from what `score` makes of the losses: that is what the ledger holds.
//! @param score  `span<const float>(ids, losses)`
template <class Score>
void train_scored(trainer& run, const gradsieve::sieve_options& options, Score score) {
  gradsieve::sieve sieve(options);
  sieve.watch(run);
  const auto open = [&](const place& at) {
    return rest_of(run.selecting([&] { return sieve.plan(at.epoch); }), at, run.batch_size());
  };
  train_epochs(run, {&sieve, &score}, open, [&](std::span<const std::int64_t> ids) {
    const auto losses = run.train_step(ids);
    run.selecting([&] { sieve.observe(ids, score(ids, losses)); });
  });
}

//! The percentile of each loss among the last ones, when it was observed.
class percentile_at_observation {
 public:
  std::span<const float> operator()(std::span<const std::int64_t>, std::span<const float> losses) {
    window_.push(losses);
    scores_.assign(losses.begin(), losses.end());
    for (float& score : scores_) {
      if (std::isfinite(score)) score = static_cast<float>(window_.percentile(score));
    }
    return scores_;
  }
  std::vector<std::byte> save() const { return window_.save(); }
  void load(std::span<const std::byte> bytes) { window_.load(bytes); }

 private:
  gradsieve::loss_window window_{window_size};
  std::vector<float> scores_;
};

//! The same among the last losses of its own class.
class percentile_in_class {
 public:
  explicit percentile_in_class(const trainer& run)
      : run_(run),
        windows_(static_cast<std::size_t>(run.classes()), gradsieve::loss_window(window_size / 4)) {
  }

  std::span<const float> operator()(std::span<const std::int64_t> ids,
                                    std::span<const float> losses) {
    for (std::size_t i = 0; i < ids.size(); ++i) window_of(ids[i]).push(losses.subspan(i, 1));
    scores_.assign(losses.begin(), losses.end());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!std::isfinite(losses[i])) continue;
      scores_[i] = static_cast<float>(window_of(ids[i]).percentile(losses[i]));
    }
    return scores_;
  }
  std::vector<std::byte> save() const {
    state_writer out;
    for (const auto& window : windows_) add_part(out, window.save());
    return std::move(out).bytes();
  }
  void load(std::span<const std::byte> bytes) {
    state_reader in(bytes);
    for (auto& window : windows_) load_part(in, window);
  }

 private:
  gradsieve::loss_window& window_of(std::int64_t id) { return windows_[run_.label(id)]; }

  const trainer& run_;
  std::vector<gradsieve::loss_window> windows_;
  std::vector<float> scores_;
};

//! Running mean of an example's losses plus their running deviation: hard, or not yet settled.
class mean_and_deviation {
 public:
  explicit mean_and_deviation(const trainer& run)
      : means_(static_cast<std::size_t>(run.examples()), unseen), deviations_(means_.size(), 0) {}

  std::span<const float> operator()(std::span<const std::int64_t> ids,
                                    std::span<const float> losses) {
    scores_.assign(losses.begin(), losses.end());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!std::isfinite(losses[i])) continue;
      float& mean = means_[static_cast<std::size_t>(ids[i])];
      float& deviation = deviations_[static_cast<std::size_t>(ids[i])];
      if (mean == unseen) {
        mean = losses[i];
      } else {
        deviation += rate * (std::fabs(losses[i] - mean) - deviation);
        mean += rate * (losses[i] - mean);
      }
      scores_[i] = mean + deviation;
    }
    return scores_;
  }
  std::vector<std::byte> save() const {
    state_writer out;
    out.add(std::span<const float>(means_));
    out.add(std::span<const float>(deviations_));
    return std::move(out).bytes();
  }
  void load(std::span<const std::byte> bytes) {
    state_reader in(bytes);
    in.read("running means", std::span(means_));
    in.read("running deviations", std::span(deviations_));
  }

 private:
  static constexpr float rate = 0.4f, unseen = -1;
  std::vector<float> means_, deviations_, scores_;
};

//! Plans exactly as many examples as a policy keeps in the mean, systematically along the sorted
//! losses, and deals them out so that each batch gets as much of every stratum.
class strata {
 public:
  strata(const trainer& run, const method_options& options)
      : beta_(options.beta),
        max_age_(options.max_age),
        batch_size_(run.batch_size()),
        seed_(run.seed()),
        ledger_(run.examples()) {}

  //! Plans an epoch from the ledger as it is.
  void plan(std::uint32_t epoch) {
    const auto n = static_cast<std::size_t>(ledger_.size());
    std::vector<std::int64_t> ids(n);
    std::iota(ids.begin(), ids.end(), std::int64_t{0});
    const auto entry = [&](std::int64_t id) { return ledger_.at(id); };
    std::ranges::sort(ids, {}, [&](std::int64_t id) { return std::pair(entry(id).key, id); });
    std::vector<std::uint64_t> masses(n);
    double wanted = 0;
    for (std::size_t rank = 0; rank < n; ++rank) {
      const double place = (static_cast<double>(rank) + 0.5) / static_cast<double>(n);
      const double p = std::pow(place, beta_);
      masses[rank] = gradsieve::to_mass(p, 1);
      const bool due = !entry(ids[rank]).has_loss() || entry(ids[rank]).age(epoch) >= max_age_;
      if (due) masses[rank] = gradsieve::certain_mass;
      wanted += due ? 1 : p;
    }
    std::vector<std::uint32_t> chosen(n);
    const gradsieve::draw_key key{.seed = seed_, .step = epoch, .use = gradsieve::purpose::user};
    const auto k = static_cast<std::size_t>(std::ceil(wanted));
    chosen.resize(draw_(masses, k, key, chosen).selected);
    deal(ids, chosen, key);
  }
  void observe(std::span<const std::int64_t> ids, std::span<const float> losses,
               std::uint32_t epoch) {
    ledger_.observe(ids, losses, epoch);
  }

  std::vector<std::byte> save() const {
    state_writer out;
    add_part(out, ledger_.save());
    out.add(std::span<const std::int64_t>(order_));
    return std::move(out).bytes();
  }
  void load(std::span<const std::byte> bytes) {
    state_reader in(bytes);
    load_part(in, ledger_);
    order_ = in.list<std::int64_t>();
  }

  //! The batches of the last plan from the one of this number on.
  std::vector<std::span<const std::int64_t>> batches(std::size_t first) const {
    const std::size_t count = (order_.size() + batch_size_ - 1) / batch_size_;
    std::vector<std::span<const std::int64_t>> found;
    const auto begin = [&](std::size_t b) {
      return b * (order_.size() / count) + std::min(b, order_.size() % count);
    };
    for (std::size_t b = first; b < count; ++b) {
      found.push_back(std::span(order_).subspan(begin(b), begin(b + 1) - begin(b)));
    }
    return found;
  }

 private:
  //! One of each stratum to each batch, in an order of its own; batches differ by one at most.
  void deal(const std::vector<std::int64_t>& ids, const std::vector<std::uint32_t>& chosen,
            gradsieve::draw_key key) {
    const std::size_t batches = (chosen.size() + batch_size_ - 1) / batch_size_;
    std::vector<std::vector<std::int64_t>> dealt(batches);
    for (std::size_t first = 0; first < chosen.size(); first += batches) {
      key.replica = static_cast<std::uint32_t>(first / batches);
      const gradsieve::bijection place(batches, key);
      const std::size_t count = std::min(batches, chosen.size() - first);
      for (std::size_t i = 0; i < count; ++i) {  // of an incomplete stratum the first get one
        dealt[count == batches ? place(i) : i].push_back(ids[chosen[first + i]]);
      }
    }
    order_.clear();
    for (const auto& batch : dealt) order_.insert(order_.end(), batch.begin(), batch.end());
  }

  double beta_;
  std::uint32_t max_age_;
  std::size_t batch_size_;
  std::uint64_t seed_;
  gradsieve::loss_ledger ledger_;
  gradsieve::systematic draw_;
  std::vector<std::int64_t> order_;
};

}  // namespace

void train_plan_fading(trainer& run, const method_options& options) {
  auto made = steeply(run, options);
  made.by = [](std::int64_t, float percentile, std::uint32_t age, gradsieve::group_id) {
    return percentile * std::pow(0.93f, static_cast<float>(age));
  };
  train_scored(run, made, percentile_at_observation());
}

void train_plan_classes(trainer& run, const method_options& options) {
  train_scored(run, steeply(run, options), percentile_in_class(run));
}

void train_plan_score(trainer& run, const method_options& options) {
  train_scored(run, steeply(run, options), mean_and_deviation(run));
}

void train_plan_weights(trainer& run, const method_options& options) {
  constexpr double late = 0.85;  // of the work; from there on weights lean towards unbiased ones
  gradsieve::sieve sieve(steeply(run, options));
  sieve.watch(run);
  weighted_step step(run);
  std::vector<float> weights;
  const auto open = [&](const place& at) {
    return rest_of(run.selecting([&] { return sieve.plan(at.epoch); }), at, run.batch_size());
  };
  train_epochs(run, {&sieve}, open, [&](std::span<const std::int64_t> ids) {
    weights.assign(ids.size(), 1);
    if (run.progress() >= late) {
      run.selecting([&] {
        const auto plan = sieve.plan(sieve.epoch());
        double mean = 0;
        for (const std::int64_t id : ids) mean += plan.probability(id);
        mean /= static_cast<double>(ids.size());
        double sum = 0;
        for (std::size_t i = 0; i < ids.size(); ++i) {
          const double ratio = mean / plan.probability(ids[i]);
          weights[i] = static_cast<float>(std::clamp(std::sqrt(ratio), 0.5, 2.0));
          sum += static_cast<double>(weights[i]);
        }
        for (float& weight : weights)
          weight *= static_cast<float>(static_cast<double>(ids.size()) / sum);
      });
    }
    const auto losses = step(ids, weights);
    run.selecting([&] { sieve.observe(ids, losses); });
  });
}

void train_plan_strata(trainer& run, const method_options& options) {
  strata planner(run, options);
  std::uint32_t epoch = 0;
  const auto open = [&](const place& at) {
    epoch = at.epoch;
    if (at.batch == 0) run.selecting([&] { planner.plan(at.epoch); });
    return planner.batches(at.batch);
  };
  train_epochs(run, {&planner}, open, [&](std::span<const std::int64_t> ids) {
    const auto losses = run.train_step(ids);
    run.selecting([&] { planner.observe(ids, losses, epoch); });
  });
}

}  // namespace training
