// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Questions that can be asked with --study; each fills tables and figures of the record.
#pragma once

#include "experiment.hpp"
#include "settings.hpp"

#include <span>
#include <string_view>

namespace training {

struct study {
  std::string_view name;
  std::string_view description;
  void (*run)(const settings&, train_and_test&, session&, record::experiment&);
};

std::span<const study> studies();
const study* find_study(std::string_view name);
std::string study_names();

// One file each: study_<name>.cpp. They compare errors at equal work, so --threads is welcome.
void study_grid(const settings&, train_and_test&, session&, record::experiment&);
void study_front(const settings&, train_and_test&, session&, record::experiment&);
void study_gradient_norm(const settings&, train_and_test&, session&, record::experiment&);
void study_labels(const settings&, train_and_test&, session&, record::experiment&);
void study_stale(const settings&, train_and_test&, session&, record::experiment&);

//! A figure of loss against gradient norm, and a table with the rank correlations. Returns false,
//! and adds nothing, where the network could not tell the norms.
bool add_gradient_figure(const std::vector<record::series>& clouds, record::experiment& record);

//! A run of this method as the flags ask for it, before a budget and a seed are given to it.
job make_job(const program& by, const settings& chosen, const method& what);

//! The jobs' seeds when none were given.
std::vector<std::uint64_t> seeds_or(const settings& chosen, std::uint64_t count);
//! The first --epochs, or the study's own budget (a quarter of it with --quick).
double epochs_or(const settings& chosen, double epochs);
//! Sets a job's budget to so many epochs of plain SGD and its seed.
job with_epochs(job task, double epochs, std::uint64_t seed, const dataset& train);
//! "10.32" for 0.1032.
std::string percent(double share, int digits = 2);
double mean(const std::vector<double>& values);

}  // namespace training
