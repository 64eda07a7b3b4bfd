// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What one writes in an afternoon with the standard library: rivals of more than one room.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <random>
#include <span>
#include <vector>

namespace bench {

//! The last losses, and a sorted copy of them made anew for each batch.
template <class T>
class sorted_copy {
 public:
  explicit sorted_copy(std::size_t capacity) : capacity_(capacity) {}

  void push(std::span<const T> batch) {
    for (const T loss : batch) {
      window_.push_back(loss);
      if (window_.size() > capacity_) window_.pop_front();
    }
  }
  void sort() {
    sorted_.assign(window_.begin(), window_.end());
    std::sort(sorted_.begin(), sorted_.end());
  }
  const std::deque<T>& window() const { return window_; }
  std::span<const T> sorted() const { return sorted_; }

  double percentile(T loss) const {
    const auto rank = std::lower_bound(sorted_.begin(), sorted_.end(), loss) - sorted_.begin();
    return static_cast<double>(rank) / static_cast<double>(sorted_.size());
  }

 private:
  std::size_t capacity_;
  std::deque<T> window_;
  std::vector<T> sorted_;
};

//! Uniform doubles of the standard engine.
class standard_draws {
 public:
  double operator()() { return uniform_(engine_); }

 private:
  std::mt19937_64 engine_{1};
  std::uniform_real_distribution<double> uniform_;
};

}  // namespace bench
