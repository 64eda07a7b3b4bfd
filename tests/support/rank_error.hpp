// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How far a history's percentiles are from those of the exact window, on losses as they come
//! in training.
#pragma once

#include "support/random_source.hpp"

#include <gradsieve/history/loss_window.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace support {

//! A loss at a point of a training, 0 to 1.
struct loss_stream {
  const char* name;
  double (*loss)(random_source&, double progress);
};

namespace streams {

inline double uniform(random_source& random) { return static_cast<double>(random.unit()); }
inline double exponential(random_source& random) { return -std::log(1 - uniform(random)); }
//! Box and Muller.
inline double normal(random_source& random) {
  const double radius = std::sqrt(2 * exponential(random));
  return radius * std::cos(2 * 3.14159265358979 * uniform(random));
}
inline double log_normal(random_source& random) { return std::exp(2 * normal(random)); }

}  // namespace streams

inline constexpr loss_stream stationary_losses[] = {
    {"uniform", [](random_source& r, double) { return streams::uniform(r); }},
    {"exponential", [](random_source& r, double) { return streams::exponential(r); }},
    {"log-normal", [](random_source& r, double) { return streams::log_normal(r); }},
    {"four fifths near 0", [](random_source& r, double) {
       return streams::uniform(r) < 0.8 ? 0.01 * streams::exponential(r)
                                        : 2 + 0.5 * streams::normal(r);
     }}};
inline constexpr loss_stream tied_losses[] = {
    {"16 levels", [](random_source& r, double) { return std::floor(16 * streams::uniform(r)); }},
    {"half are 0",
     [](random_source& r, double) { return (std::max)(0.0, streams::uniform(r) - 0.5); }}};
inline constexpr loss_stream falling_losses[] = {
    {"exponential, 20x lower",
     [](random_source& r, double progress) {
       return streams::exponential(r) * std::pow(20, -progress);
     }},
    {"log-normal, 100x lower", [](random_source& r, double progress) {
       return streams::log_normal(r) * std::pow(100, -progress);
     }}};
inline constexpr loss_stream dropping_losses[] = {
    {"exponential, drop to a tenth", [](random_source& r, double progress) {
       return streams::exponential(r) * (progress < 0.5 ? 1 : 0.1);
     }}};

struct rank_error {
  double mean = 0, largest = 0;  //!< of |percentile - the exact one|
};

//! Pushes `batches` batches of 64 losses into the history and into a window of `window` losses;
//! compares the percentiles of each batch's losses from when both are full.
template <class History>
rank_error rank_error_against_window(History past, const loss_stream& stream, std::size_t window,
                                     std::size_t batches) {
  using gradsieve::loss_key;
  random_source random(2026);
  gradsieve::loss_window exact(window);
  std::vector<loss_key> batch(64), sorted;
  rank_error error;
  double compared = 0;
  for (std::size_t step = 0; step < batches; ++step) {
    const double progress = static_cast<double>(step) / static_cast<double>(batches);
    for (loss_key& key : batch) key = gradsieve::to_key(stream.loss(random, progress));
    past.push_keys(batch);
    exact.push_keys(batch);
    if (past.size() < past.capacity() || exact.size() < exact.capacity()) continue;
    sorted.resize(past.size());
    past.write_sorted_keys(sorted);
    for (const loss_key key : batch) {
      const auto below = std::lower_bound(sorted.begin(), sorted.end(), key) - sorted.begin();
      const double estimate = static_cast<double>(below) / static_cast<double>(sorted.size());
      const double truth =
          static_cast<double>(exact.view().rank(key)) / static_cast<double>(window);
      error.mean += std::abs(estimate - truth);
      error.largest = (std::max)(error.largest, std::abs(estimate - truth));
      ++compared;
    }
  }
  error.mean /= compared;
  return error;
}

}  // namespace support
