// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "flags.hpp"

#include "print_table.hpp"
#include "studies.hpp"

#include <gradsieve/methods/table.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <string_view>

namespace training {
namespace {

//! CLI11's own check spells the largest double out.
CLI::Validator above_zero() {
  return CLI::Validator(
      [](const std::string& text) {
        double value = 0;
        return CLI::detail::lexical_cast(text, value) && value > 0
                   ? std::string()
                   : "'" + text + "' is not a number above 0";
      },
      "above 0");
}

//! "1.5, 3, 6"
std::string list(const std::vector<double>& values) {
  std::string text;
  for (const double value : values)
    text += (text.empty() ? "" : ", ") + CLI::detail::to_string(value);
  return text;
}

void add_flags(const program& what, CLI::App& app, settings& chosen, bool& list_methods) {
  chosen.batch_size = what.batch_size;
  chosen.momentum = what.momentum;
  chosen.weight_decay = what.weight_decay;
  app.add_option("--data", chosen.data,
                 "folder with the files of Fashion-MNIST, or with CIFAR-10's binary batches")
      ->capture_default_str();
  auto* const out =
      app.add_option("--out", chosen.out, "folder for the report; without it nothing is written");
  app.add_option("--save-every", chosen.save_every,
                 "saves a run after every so many training steps, in the report's folder")
      ->check(CLI::Range(1, 1 << 30))
      ->needs(out);
  app.add_flag("--resume", chosen.resume,
               "goes on where a saved invocation was stopped; give it the same flags again")
      ->needs(out);
  app.add_option("--method", chosen.methods,
                 "a method to compare; may be repeated (see --list-methods)")
      ->take_all();
  app.add_flag("--list-methods", list_methods, "names the methods and ends");
  app.add_option("--study", chosen.study, "a study instead of the comparison: " + study_names());
  auto* const seconds = app.add_option("--budget-seconds", chosen.budgets_seconds,
                                       "training seconds of a run; may be repeated (default " +
                                           list(what.budgets_seconds) + ")")
                            ->check(above_zero());
  app.add_option("--epochs", chosen.epochs,
                 "instead: as much work as so many epochs of plain SGD; may be repeated")
      ->check(above_zero())
      ->excludes(seconds);
  app.add_option("--seeds", chosen.seeds,
                 "a run is repeated with each of these, e.g. --seeds 1 2 3");
  what.add_flags(app);
  app.add_option("--batch-size", chosen.batch_size, "examples in a training step")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--lr", chosen.learning_rate, "peak learning rate (default: the method's own)")
      ->check(above_zero());
  app.add_option("--momentum", chosen.momentum, "Nesterov momentum; 0 is plain SGD")
      ->check(CLI::Range(0.0, 0.999))
      ->capture_default_str();
  app.add_option("--weight-decay", chosen.weight_decay, "multiple of the weights in the gradient")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--decay",
         [&chosen](const std::string& name) {
           chosen.shape = name == "cosine" ? decay::cosine : decay::linear;
         },
         "of the learning rate")
      ->transform(CLI::IsMember({"linear", "cosine"}, CLI::ignore_case));
  app.add_option("--beta", chosen.beta, "selection probability = percentile of the loss ^ beta")
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--max-age", chosen.max_age, "an example is visited at least every so many epochs")
      ->check(CLI::Range(1, 4095));
  app.add_option("--floor", chosen.floor, "least selection probability")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--cap", chosen.cap, "band: percentiles above are left out")
      ->check(CLI::Range(0.01, 1.0));
  app.add_option("--skip", chosen.skip, "share of the lowest losses that is not back-propagated")
      ->check(CLI::Range(0.0, 0.99));
  app.add_option("--keep", chosen.keep, "share of a batch or an epoch that is trained")
      ->check(CLI::Range(0.01, 1.0));
  app.add_option("--history", chosen.history, "losses in the sliding window of the picking methods")
      ->check(CLI::Range(1, 1 << 20));
  app.add_option(
         "--label-noise", chosen.label_noise,
         "share of training labels redrawn from all classes (of ten, nine in ten become wrong)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option_function<std::string>(
         "--noise-kind",
         [&chosen](const std::string& name) {
           chosen.noise = name == "next" ? noise_kind::next : noise_kind::redrawn;
         },
         "what --label-noise does to a label: redrawn, or the next class's (all become wrong)")
      ->check(CLI::IsMember({"redrawn", "next"}))
      ->default_str("redrawn");
  app.add_option("--target-error", chosen.target_error,
                 "test error in % to count hits of (default: the baseline's at its largest budget)")
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--train-images,--limit", chosen.train_images,
                 "only the first so many training images")
      ->check(CLI::Range(100, 1 << 30));
  app.add_option("--threads", chosen.threads, "runs side by side; not with budgets in seconds")
      ->check(CLI::Range(1, 256));
  app.add_flag(
      "--hold-out", chosen.hold_out,
      "trains on nine tenths of the training set and tests on the rest, with the labels it "
      "has: to choose parameters by");
  app.add_flag("--data-only", chosen.data_only, "no plots, page or pictures in the report's folder")
      ->needs(out);
  app.add_flag("--curves", chosen.curves, "evaluates after every epoch as well, off the clock");
  app.add_flag("--quick", chosen.quick, "smaller budgets and one seed");
  app.add_flag("--quiet", chosen.quiet, "no progress, no summary");
  app.add_flag("--verbose", chosen.verbose, "a line for every finished run on stderr");
}

//! What CLI11 cannot check by itself: an empty text is fine.
std::string complaint(const program& what, const settings& chosen) {
  for (const std::string& name : chosen.methods) {
    if (what.find(name) == nullptr) {
      return "--method: there is no '" + name + "'; the methods are " +
             method_names(what.methods());
    }
  }
  if (what.own && !chosen.study.empty()) return "--study: this trainer has none";
  if (what.own && chosen.threads > 1) return "--threads: this trainer runs one after another";
  if (!chosen.study.empty() && find_study(chosen.study) == nullptr) {
    return "--study: there is no '" + chosen.study + "'; the studies are " + study_names();
  }
  if (!chosen.study.empty() && !chosen.budgets_seconds.empty()) {
    return "--study: studies compare errors at equal work; use --epochs, not --budget-seconds";
  }
  if (!chosen.study.empty() && chosen.label_noise > 0) {
    return "--label-noise: not with --study; the study of labels draws its own";
  }
  if (!chosen.study.empty() && chosen.hold_out) {
    return "--hold-out: not with --study; the studies that choose parameters do it by themselves";
  }
  if (chosen.threads > 1 && chosen.study.empty() && chosen.epochs.empty()) {
    return "--threads: timed runs go one after another; give --epochs to compare errors side by "
           "side";
  }
  return {};
}

//! The given flags that results depend on. The others may change when a run is resumed.
std::map<std::string, std::string> deciding_flags(const CLI::App& app) {
  std::map<std::string, std::string> flags;
  for (const CLI::Option* const option : app.get_options()) {
    const std::string name = option->get_name();
    constexpr std::string_view free[] = {"--out",     "--data",         "--save-every",
                                         "--resume",  "--quiet",        "--verbose",
                                         "--threads", "--target-error", "--data-only"};
    if (option->count() == 0 || std::ranges::find(free, name) != std::end(free)) continue;
    flags[name] = CLI::detail::join(option->results(), " ");
  }
  return flags;
}

//! The methods that can be named here, then what the library says of those that are published.
void print_methods(std::span<const method> all) {
  namespace library = gradsieve::methods;
  for (const method& each : all) std::cout << each.name << ": " << each.description << '\n';
  std::vector<std::vector<std::string>> rows{{"name"}};
  rows[0].insert(rows[0].end(), library::columns.begin(), library::columns.end());
  for (const method& each : all) {
    if (each.published == nullptr) continue;
    const auto cells = library::row_of(*each.published);
    rows.emplace_back(1, std::string(each.name))
        .insert(rows.back().end(), cells.begin(), cells.end());
  }
  if (rows.size() == 1) return;
  std::cout << '\n';
  print_table(rows);
}

}  // namespace

std::optional<request> read_flags(const program& what, int argc, char** argv, int& exit_code) {
  request asked;
  bool list_methods = false;
  CLI::App app("Trains networks on Fashion-MNIST with and without loss-driven selection.",
               what.name);
  app.get_formatter()->column_width(34);
  exit_code = 2;
  try {
    add_flags(what, app, asked.chosen, list_methods);
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    exit_code = app.exit(help);
    return {};
  } catch (const CLI::ParseError& error) {
    std::cerr << what.name << ": " << error.what() << '\n';
    return {};
  }
  if (const std::string text = complaint(what, asked.chosen); !text.empty()) {
    std::cerr << what.name << ": " << text << '\n';
    return {};
  }
  if (list_methods) {
    print_methods(what.methods());
    exit_code = 0;
    return {};
  }
  asked.deciding = deciding_flags(app);
  for (int i = 1; i < argc; ++i) {
    if (i > 1) asked.flags += ' ';
    asked.flags += argv[i];
  }
  return asked;
}

}  // namespace training
