// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Does a low loss mean a small gradient? The premise of selecting by loss.
#include "studies.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <stdexcept>

namespace training {
namespace {

//! Ranks from 0; ties get the mean of theirs.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> result(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    for (std::size_t i = first; i < last; ++i) {
      result[order[i]] = 0.5 * static_cast<double>(first + last - 1);
    }
    first = last;
  }
  return result;
}

//! Spearman's correlation of the two coordinates.
double rank_correlation(const std::vector<std::pair<double, double>>& points) {
  std::vector<double> x, y;
  for (const auto& [first, second] : points) {
    x.push_back(first);
    y.push_back(second);
  }
  x = ranks(x);
  y = ranks(y);
  const double mean_x = mean(x), mean_y = mean(y);
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  return xy / std::sqrt(xx * yy);
}

std::string number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

}  // namespace

bool add_gradient_figure(const std::vector<record::series>& clouds, record::experiment& record) {
  const auto empty = [](const record::series& cloud) { return cloud.points.empty(); };
  if (std::ranges::all_of(clouds, empty)) return false;
  std::vector<std::vector<std::string>> rows{{"point of training",
                                              "rank correlation of loss and gradient norm",
                                              "median loss", "median gradient norm"}};
  for (const record::series& cloud : clouds) {
    if (cloud.points.size() < 2) continue;
    std::vector<double> losses, norms;
    for (const auto& [loss, norm] : cloud.points) {
      losses.push_back(loss);
      norms.push_back(norm);
    }
    std::ranges::nth_element(losses, losses.begin() + std::ptrdiff_t(losses.size() / 2));
    std::ranges::nth_element(norms, norms.begin() + std::ptrdiff_t(norms.size() / 2));
    rows.push_back({cloud.name, number(rank_correlation(cloud.points), 3),
                    number(losses[losses.size() / 2], 2), number(norms[norms.size() / 2], 2)});
  }
  record.tables.emplace_back("Loss and gradient norm", std::move(rows));
  record.figures.push_back({.id = "gradient-norm",
                            .title = "A low loss means a small gradient",
                            .caption =
                                "Each point is a training example of the baseline's run: its "
                                "loss, and the norm of its own gradient over all parameters.",
                            .x_label = "loss",
                            .y_label = "norm of the example's gradient",
                            .log_x = true,
                            .log_y = true,
                            .scatter = true,
                            .lines = clouds});
  return true;
}

void study_gradient_norm(const settings& chosen, train_and_test& data, session& here,
                         record::experiment& record) {
  const laboratory lab{data.train, data.test, here};
  const double epochs = epochs_or(chosen, 8);
  job task = with_epochs(make_job(here.what, chosen, methods().front()), epochs,
                         seeds_or(chosen, 1).front(), data.train);
  task.probe_points = {0.02, 0.1, 0.3, 0.6, 1.0};
  auto outcomes = run_all(lab, {task});
  if (!add_gradient_figure(outcomes.front().gradient_norms, record)) {
    throw std::runtime_error("--study gradient-norm: this trainer cannot tell gradient norms");
  }
  record.runs.push_back(std::move(outcomes.front().run));
}

}  // namespace training
