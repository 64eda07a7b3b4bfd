// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the command line says, checked.
#pragma once

#include "../common/idx.hpp"
#include "methods.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace training {

enum class decay { linear, cosine };
//! What becomes of the labels under noise: drawn anew from all classes, or the next class's.
enum class noise_kind { redrawn, next };

struct settings {
  std::filesystem::path data = idx::default_folder();
  std::filesystem::path out;
  std::string study;                    //!< empty: the comparison of methods
  std::vector<std::string> methods;     //!< empty: the default of the comparison or study
  std::vector<double> budgets_seconds;  //!< timed runs, or
  std::vector<double> epochs;           //!< work equal to so many epochs of plain SGD
  std::vector<std::uint64_t> seeds;
  std::optional<double> learning_rate, beta, floor, cap, skip, keep;  //!< unset: the method's own
  std::optional<std::uint32_t> max_age;
  std::optional<std::size_t> history;
  int batch_size = 0;
  double momentum = 0, weight_decay = 0;
  decay shape = decay::linear;
  double label_noise = 0;  //!< share of the training labels that `noise` does something to
  noise_kind noise = noise_kind::redrawn;
  double target_error = -1;
  std::int64_t train_images = 0;  //!< 0: all
  unsigned threads = 1;
  std::uint64_t save_every = 0;  //!< training steps; 0: never
  bool resume = false;
  bool hold_out = false;   //!< a tenth of the training set in the place of the test set
  bool data_only = false;  //!< no pictures in the report's folder
  bool curves = false;     //!< evaluates after every epoch, off the clock
  bool quick = false, quiet = false, verbose = false;
};

}  // namespace training
