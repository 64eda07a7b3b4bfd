// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Trains small networks with and without selection and writes a report of what it saved.
#include "comparison.hpp"
#include "studies.hpp"

#include "../common/report.hpp"

#include <gradsieve/version.hpp>

#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

namespace eigen_mlp {
namespace {

void add_flags(CLI::App& app, settings& chosen, bool& list_methods) {
  app.add_option("--data", chosen.data, "folder with the Fashion-MNIST files")
      ->capture_default_str();
  app.add_option("--out", chosen.out, "folder for the report; without it nothing is written");
  app.add_option("--method", chosen.methods,
                 "a method to compare; may be repeated (see --list-methods)")
      ->take_all();
  app.add_flag("--list-methods", list_methods, "names the methods and ends");
  app.add_option("--study", chosen.study, "a study instead of the comparison: " + study_names());
  auto* const seconds =
      app.add_option("--budget-seconds", chosen.budgets_seconds,
                     "training seconds of a run; may be repeated (default 2.5, 5, 10)")
          ->check(CLI::PositiveNumber);
  app.add_option("--epochs", chosen.epochs,
                 "instead: as much work as so many epochs of plain SGD; may be repeated")
      ->check(CLI::PositiveNumber)
      ->excludes(seconds);
  app.add_option("--seeds", chosen.seeds,
                 "a run is repeated with each of these, e.g. --seeds 1 2 3");
  app.add_option("--layers", chosen.hidden, "widths of the hidden layers, e.g. --layers 256 256")
      ->check(CLI::Range(1, 8192))
      ->capture_default_str();
  app.add_option("--batch-size", chosen.batch_size, "examples in a training step")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--lr", chosen.learning_rate, "peak learning rate (default: the method's own)")
      ->check(CLI::PositiveNumber);
  app.add_option("--momentum", chosen.momentum, "Nesterov momentum; 0 is plain SGD")
      ->check(CLI::Range(0.0, 0.999))
      ->capture_default_str();
  app.add_option("--weight-decay", chosen.weight_decay, "multiple of the weights in the gradient")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  const std::map<std::string, decay> shapes{{"linear", decay::linear}, {"cosine", decay::cosine}};
  app.add_option("--decay", chosen.shape, "of the learning rate: linear or cosine")
      ->transform(CLI::CheckedTransformer(shapes, CLI::ignore_case));
  app.add_option("--beta", chosen.beta, "selection probability = percentile of the loss ^ beta")
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--max-age", chosen.max_age, "an example is visited at least every so many epochs")
      ->check(CLI::Range(1, 4095));
  app.add_option("--floor", chosen.floor, "least selection probability")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--cap", chosen.cap, "band: percentiles above are left out")
      ->check(CLI::Range(0.01, 1.0));
  app.add_option("--history", chosen.history, "losses in the sliding window of the picking methods")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--label-noise", chosen.label_noise,
                 "share of training labels redrawn from all ten classes (nine in ten become wrong)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--target-error", chosen.target_error,
                 "test error in % to count hits of (default: the baseline's at its largest budget)")
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--train-images", chosen.train_images, "only the first so many training images")
      ->check(CLI::Range(1000, 1 << 30));
  app.add_option("--threads", chosen.threads, "runs side by side; not with budgets in seconds")
      ->check(CLI::Range(1, 256));
  app.add_flag("--curves", chosen.curves, "evaluates after every epoch as well, off the clock");
  app.add_flag("--quick", chosen.quick, "smaller budgets and one seed");
  app.add_flag("--quiet", chosen.quiet, "no progress, no summary");
  app.add_flag("--verbose", chosen.verbose, "a line for every finished run on stderr");
}

//! What CLI11 cannot check by itself: an empty text is fine.
std::string complaint(const settings& chosen) {
  for (const std::string& name : chosen.methods) {
    if (find_method(name) == nullptr) {
      return "--method: there is no '" + name + "'; the methods are " + method_names();
    }
  }
  if (!chosen.study.empty() && find_study(chosen.study) == nullptr) {
    return "--study: there is no '" + chosen.study + "'; the studies are " + study_names();
  }
  if (!chosen.study.empty() && !chosen.budgets_seconds.empty()) {
    return "--study: studies compare errors at equal work; use --epochs, not --budget-seconds";
  }
  if (!chosen.study.empty() && chosen.label_noise > 0) {
    return "--label-noise: not with --study; the study of labels draws its own";
  }
  if (chosen.threads > 1 && chosen.study.empty() && chosen.epochs.empty()) {
    return "--threads: timed runs go one after another; give --epochs to compare errors side by "
           "side";
  }
  return {};
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) {
      return line.substr(line.find(": ") + 2);
    }
  }
  return "unknown";
}

std::string number(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

template <class Range>
std::string joined(const Range& values, const char* separator) {
  std::string text;
  for (const auto value : values) {
    if (!text.empty()) text += separator;
    text += std::to_string(value);
  }
  return text;
}

std::string version_text() {
  return joined(
      std::array{GRADSIEVE_VERSION_MAJOR, GRADSIEVE_VERSION_MINOR, GRADSIEVE_VERSION_PATCH}, ".");
}

void describe_environment(const std::string& flags, const settings& chosen, const prices& cost,
                          const train_and_test& data, double wrong, record::experiment& record) {
  auto& lines = record.environment;
  lines.emplace_back("flags", flags.empty() ? "none" : flags);
  lines.emplace_back("gradsieve", version_text());
  lines.emplace_back("Eigen", number(EIGEN_WORLD_VERSION) + "." + number(EIGEN_MAJOR_VERSION) +
                                  "." + number(EIGEN_MINOR_VERSION) +
                                  ", one thread, SIMD: " + Eigen::SimdInstructionSetsInUse());
  lines.emplace_back("compiler", __VERSION__);
  lines.emplace_back(
      "processor",
      cpu_name() + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores");
  lines.emplace_back("data", chosen.data.string() + ": " + std::to_string(data.train.size()) +
                                 " training and " + std::to_string(data.test.size()) +
                                 " test images");
  lines.emplace_back("network", joined(layers_of(chosen), "-") + ", batches of " +
                                    std::to_string(chosen.batch_size));
  lines.emplace_back("training step, microseconds an example", number(cost.train_seconds * 1e6));
  lines.emplace_back("forward pass as a share of it", number(cost.forward_share));
  if (data.train.noisy) {
    lines.emplace_back("wrong training labels", number(100 * wrong) + " % (" +
                                                    number(100 * chosen.label_noise) +
                                                    " % were redrawn from all classes)");
  }
}

int run(const settings& chosen, const std::string& flags) {
  train_and_test data = load(chosen.data, chosen.train_images);
  const double wrong =
      chosen.label_noise > 0 ? redraw_labels(data.train, chosen.label_noise, 1) : 0.0;
  progress_line progress(chosen.quiet     ? verbosity::quiet
                         : chosen.verbose ? verbosity::verbose
                                          : verbosity::normal);
  progress.show("measuring the cost of a step");
  prices cost = calibrate(data.train, make_job(chosen, methods().front()).training);
  // Work in epochs has fixed prices, so that the same seed gives the same run on every machine.
  const bool timed = chosen.study.empty() && chosen.epochs.empty();
  if (!timed) cost.forward_share = prices{}.forward_share;

  record::experiment record;
  record.title = "Fashion-MNIST, MLP " + joined(layers_of(chosen), "-");
  record.target_error = chosen.target_error < 0 ? -1 : chosen.target_error / 100;
  describe_environment(flags, chosen, cost, data, wrong, record);
  if (chosen.study.empty()) {
    compare(chosen, cost, data, progress, record);
  } else {
    record.title += ", study " + chosen.study;
    find_study(chosen.study)->run(chosen, data, progress, record);
  }
  if (!chosen.out.empty()) {
    progress.show("writing the report");
    report::write(record, chosen.out);
  }
  progress.show("");
  if (!chosen.quiet) std::cout << report::summary(record);
  return 0;
}

}  // namespace
}  // namespace eigen_mlp

int main(int argc, char** argv) {
  using namespace eigen_mlp;
  settings chosen;
  bool list_methods = false;
  CLI::App app("Trains networks on Fashion-MNIST with and without loss-driven selection.",
               "eigen_mlp");
  app.get_formatter()->column_width(34);
  try {
    add_flags(app, chosen, list_methods);
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    std::cerr << "eigen_mlp: " << error.what() << '\n';
    return 2;
  }
  if (const std::string text = complaint(chosen); !text.empty()) {
    std::cerr << "eigen_mlp: " << text << '\n';
    return 2;
  }
  if (list_methods) {
    for (const method& each : methods()) std::cout << each.name << ": " << each.description << '\n';
    return 0;
  }
  std::string flags;
  for (int i = 1; i < argc; ++i) flags += (i > 1 ? " " : "") + std::string(argv[i]);
  try {
    return run(chosen, flags);
  } catch (const std::exception& error) {
    std::cerr << "eigen_mlp: " << error.what() << '\n';
    return 1;
  }
}
