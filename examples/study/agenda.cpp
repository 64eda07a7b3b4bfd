// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "agenda.hpp"

#include "../common/report_text.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace study {
namespace {

const row* find_row(const std::vector<row>& rows, const task& wanted) {
  const auto found = std::ranges::find(rows, wanted, &row::of);
  return found == rows.end() ? nullptr : &*found;
}

task trial_of(const plan& of, const candidate& method, std::size_t index, double noise,
              std::uint64_t seed) {
  return {stage::tuning, method.method, noise, of.tuning_share, seed, method.trial(index)};
}

choice choose_for(const plan& of, const candidate& method, double noise,
                  const std::vector<row>& rows) {
  choice best{.method = method.method, .noise = noise, .flags = {}, .error = 2, .at_end = {}};
  std::size_t best_index = 0;
  for (std::size_t index = 0; index < method.trials(); ++index) {
    double sum = 0;
    for (const std::uint64_t seed : of.tuning_seeds) {
      const row* made = find_row(rows, trial_of(of, method, index, noise, seed));
      sum += made != nullptr ? error_of(*made) : 1;
    }
    const double error = sum / static_cast<double>(of.tuning_seeds.size());
    if (error < best.error) {
      best.error = error;
      best_index = index;
    }
  }
  best.flags = method.trial(best_index);
  for (const axis& each : method.grid) {
    const std::size_t place = best_index % each.values.size();
    best_index /= each.values.size();
    if (!each.bounded && each.values.size() > 1 &&
        (place == 0 || place + 1 == each.values.size())) {
      best.at_end.push_back(each.flag + ' ' + report::exact(each.values[place]));
    }
  }
  return best;
}

}  // namespace

std::vector<task> missing_trials(const plan& of, const std::vector<row>& rows) {
  std::vector<task> missing;
  for (const std::uint64_t seed : of.tuning_seeds) {
    for (const double noise : of.noise) {
      for (std::size_t index = 0; index < of.baseline().trials(); ++index) {
        for (const candidate& method : of.methods) {
          task wanted = trial_of(of, method, index, noise, seed);
          if (find_row(rows, wanted) == nullptr) missing.push_back(std::move(wanted));
        }
      }
    }
  }
  return missing;
}

std::vector<choice> choose(const plan& of, const std::vector<row>& rows) {
  std::vector<choice> choices;
  for (const double noise : of.noise) {
    for (const candidate& method : of.methods) {
      choices.push_back(choose_for(of, method, noise, rows));
    }
  }
  return choices;
}

std::vector<std::string> complaints(const std::vector<choice>& choices) {
  std::vector<std::string> sentences;
  for (const choice& each : choices) {
    for (const std::string& end : each.at_end) {
      sentences.push_back("the best of " + each.method + " under noise " +
                          report::exact(each.noise) + " has " + end +
                          ", an end of its axis: let it grow there");
    }
  }
  return sentences;
}

std::vector<task> missing_finals(const plan& of, const std::vector<choice>& choices,
                                 const std::vector<row>& rows) {
  std::vector<task> missing;
  for (const std::uint64_t seed : of.final_seeds) {
    for (const double share : of.shares) {
      for (const choice& each : choices) {
        task wanted{stage::final, each.method, each.noise, share, seed, each.flags};
        if (find_row(rows, wanted) == nullptr) missing.push_back(std::move(wanted));
      }
    }
  }
  return missing;
}

}  // namespace study
