// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What tells the trainers' programs apart; all the rest they share.
#pragma once

#include "methods.hpp"
#include "network.hpp"
#include "own_trainer.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11 has named it
class App;
}

namespace training {

//! What a trainer runs a method with unless flags say otherwise.
struct tuned {
  std::string_view method;
  double learning_rate = 0;
  std::optional<method_options> options{};  //!< unset: the method's own
};

//! Another way to do plain SGD, for the study that looks for a better baseline.
struct rival {
  int batch_size = 0;
  float momentum = 0;
  std::vector<double> rates;
};

struct program {
  std::string name;          //!< in messages and in checkpoints
  std::string network_kind;  //!< "MLP"
  //! Its own flags.
  std::function<void(CLI::App&)> add_flags;
  network_factory make;
  //! "784-256-256-10"
  std::function<std::string(const dataset&)> network_name;
  std::pair<std::string, std::string> framework;  //!< its name, and its version as it is used
  //! What the order of its sums depends on besides, by name: a resumed run must agree in it.
  std::vector<std::pair<std::string, std::string>> arithmetic{};

  // Defaults.
  int batch_size = 64;
  double momentum = 0, weight_decay = 5e-4;
  std::vector<double> budgets_seconds;  //!< of the comparison
  std::vector<std::string> compared;    //!< the comparison's methods
  double learning_rate = 0.2;           //!< where `best` has no other
  std::vector<tuned> best;              //!< found by searches with this trainer
  std::vector<rival> rivals;

  //! In the place of the shared trainer and of `make`.
  std::optional<own_trainer> own{};

  tuned best_for(const method& what) const;
  //! Those that can be named, the baseline first.
  std::span<const method> methods() const;
  //! The one of that name, or null.
  const method* find(std::string_view wanted) const;
};

//! The whole program, from its command line to its exit code.
int run_program(const program& what, int argc, char** argv);

}  // namespace training
