// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "description.hpp"

#include "cnn_network.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace libtorch_cnn {

training::program describe() {
  const auto widths = std::make_shared<std::vector<int>>(std::vector{16, 32, 64});
  return {
      .name = "libtorch_cnn",
      .network_kind = "CNN",
      .add_flags =
          [widths](CLI::App& app) {
            app.add_option("--widths", *widths,
                           "channels of the convolutions, e.g. --widths 16 32 64")
                ->check(CLI::Range(1, 2048))
                ->capture_default_str();
          },
      .make =
          [widths](const training::dataset& train, const training::training_options& options) {
            return make_cnn(*widths, train, options);
          },
      .network_name =
          [widths](const training::dataset& train) {
            std::string text = std::to_string(train.channels);
            for (const int width : *widths) text += '-' + std::to_string(width);
            return text + '-' + std::to_string(train.classes());
          },
      .framework = {"LibTorch", torch_text()},
      .batch_size = 128,
      .momentum = 0.9,
      // About 3, 6 and 12 passes of plain SGD over Fashion-MNIST on the machine it was written on.
      .budgets_seconds = {60, 120, 240},
      .compared = {"uniform", "plan-permuted", "sb", "plan"},
      // The best of .1, .2 and .4 for plain SGD in the small studies before; the plan's options
      // too.
      .learning_rate = 0.2,
      .best = {{"plan", 0.2, training::method_options{.beta = 3, .max_age = 8}},
               {"plan-permuted", 0.2, training::method_options{.beta = 3, .max_age = 8}},
               {"random", 0.2, training::method_options{.beta = 3, .max_age = 8}}},
      .rivals = {{64, 0.9f, {0.1, 0.2, 0.4}},
                 {128, 0.9f, {0.1, 0.2, 0.4}},
                 {256, 0.9f, {0.1, 0.2, 0.4}},
                 {128, 0.0f, {0.4, 0.8, 1.6}}},
  };
}

}  // namespace libtorch_cnn
