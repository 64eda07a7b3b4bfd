// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comparison.hpp"

#include "../common/report_decisions.hpp"
#include "studies.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace training {
namespace {

constexpr std::size_t sheet_images = 24;

// Seeds that no parameter was chosen with (see the trainers' description.cpp).
constexpr std::uint64_t fresh_seeds[] = {11, 12, 13};

std::vector<std::uint64_t> seeds_of(const settings& chosen) {
  if (!chosen.seeds.empty()) return chosen.seeds;
  return {std::begin(fresh_seeds), chosen.quick ? fresh_seeds + 1 : std::end(fresh_seeds)};
}

struct budget {
  double seconds = 0;  //!< nominal
  double work = 0;     //!< in trained examples
};

//! Seconds become work here, once; from now on no clock decides anything.
std::vector<budget> budgets_of(const program& what, const settings& chosen, const prices& cost,
                               const dataset& train) {
  std::vector<budget> budgets;
  for (const double epochs : chosen.epochs) {
    const double work = epochs * static_cast<double>(train.size());
    budgets.push_back({work * cost.train_seconds, work});
  }
  auto seconds = chosen.budgets_seconds;
  if (seconds.empty() && chosen.epochs.empty()) {
    seconds = what.budgets_seconds;
    if (chosen.quick) std::ranges::for_each(seconds, [](double& each) { each /= 2; });
  }
  for (const double limit : seconds) budgets.push_back({limit, limit / cost.train_seconds});
  return budgets;
}

//! An image in grey: the mean of its channels.
std::vector<std::uint8_t> grey(const dataset& data, std::int64_t id) {
  const auto image = data.image(id);
  std::vector<std::uint8_t> pixels(data.area());
  for (std::size_t at = 0; at < pixels.size(); ++at) {
    unsigned sum = 0;
    for (std::size_t from = at; from < image.size(); from += pixels.size()) sum += image[from];
    pixels[at] = static_cast<std::uint8_t>(sum / static_cast<unsigned>(data.channels));
  }
  return pixels;
}

record::exhibit exhibit_of(const dataset& train, const outcome& source, std::size_t id) {
  return {.id = static_cast<std::int64_t>(id),
          .label = train.class_names[train.labels[id]],
          .true_label = train.class_names[train.true_labels[id]],
          .seen = source.memory[id].seen,
          .selected = source.memory[id].selected,
          .loss = source.memory[id].loss,
          .pixels = grey(train, static_cast<std::int64_t>(id))};
}

//! The most and the least selected images of one run; ties go to the more extreme loss.
void add_contact_sheets(const dataset& train, const outcome& source, record::experiment& record) {
  std::vector<std::size_t> order(source.memory.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count = std::min(sheet_images, order.size());
  const auto less = [&](std::size_t a, std::size_t b) {
    const remembered &x = source.memory[a], &y = source.memory[b];
    return x.selected != y.selected ? x.selected < y.selected : x.loss < y.loss;
  };
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(count);
  std::ranges::partial_sort(order, middle, less);
  for (std::size_t i = 0; i < count; ++i) {
    record.least_selected.push_back(exhibit_of(train, source, order[i]));
  }
  std::ranges::partial_sort(order, middle,
                            [&](std::size_t a, std::size_t b) { return less(b, a); });
  for (std::size_t i = 0; i < count; ++i) {
    record.most_selected.push_back(exhibit_of(train, source, order[i]));
  }
  record.image_width = train.width;
  record.image_height = train.height;
}

//! The run whose ledger is shown: that of `plan` if there is one, at the largest budget.
const outcome* shown_run(const std::vector<outcome>& outcomes) {
  const outcome* best = nullptr;
  for (const outcome& candidate : outcomes) {
    if (candidate.memory.empty()) continue;
    const auto rank = [](const outcome& o) {
      return std::pair(o.run.method == "plan", o.run.budget_seconds);
    };
    if (best == nullptr || rank(candidate) > rank(*best)) best = &candidate;
  }
  return best;
}

}  // namespace

void compare(const settings& chosen, const prices& cost, const train_and_test& data, session& here,
             record::experiment& record) {
  auto names = chosen.methods;
  if (names.empty()) names = here.what.compared;
  const bool timed = chosen.epochs.empty();

  std::vector<job> jobs;
  const auto seeds = seeds_of(chosen);
  for (const std::uint64_t seed : seeds) {
    for (const budget& limit : budgets_of(here.what, chosen, cost, data.train)) {
      for (const std::string& name : names) {
        job task = make_job(here.what, chosen, *here.what.find(name));
        task.training.budget = limit.work;
        task.training.forward_share = cost.forward_share;
        task.training.seed = seed;
        task.budget_seconds = limit.seconds;
        task.watch_epochs = chosen.curves;
        jobs.push_back(task);
      }
    }
  }
  const laboratory lab{data.train, data.test, here, timed ? 1 : chosen.threads};

  // The gradients are looked at during the baseline's longest run of the first seed, off the clock.
  const auto probed = std::ranges::max_element(jobs, {}, [&](const job& task) {
    return std::tuple(task.training.seed == seeds.front(), task.what->name == "uniform",
                      task.budget_seconds);
  });
  probed->probe_points = {0.02, 0.3, 1.0};
  const auto outcomes = run_all(lab, jobs);

  for (const std::string& name : names) {
    record.methods.emplace_back(name, here.what.find(name)->description);
  }
  if (std::ranges::find(names, "plan") != names.end()) record.claim = "plan";
  for (const outcome& result : outcomes) {
    record.runs.push_back(result.run);
    if (!std::isfinite(result.run.test_nll)) {
      record.notes.push_back("The run of " + result.run.method + " with seed " +
                             std::to_string(result.run.seed) +
                             " diverged: its learning rate is too high.");
    }
    add_gradient_figure(result.gradient_norms, record);
  }
  report::add_decision_table(record);
  if (const outcome* const shown = shown_run(outcomes)) {
    add_contact_sheets(data.train, *shown, record);
  }
  if (!timed && chosen.threads > 1) {
    record.notes.emplace_back(
        "Runs went side by side (--threads), so their seconds mean nothing; errors are at equal "
        "work.");
  }
}

}  // namespace training
