// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a training run leaves behind, as plain data: filled by a trainer, read by the report.
#pragma once

#include "fingerprint.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace record {

//! One line of `epochs.csv`: the state at the end of an epoch (or of the run). Seconds exclude
//! evaluation.
struct epoch {
  std::uint32_t index = 0;
  double seconds = 0;          //!< training time so far: scoring, selection and data order included
  std::uint64_t forwards = 0;  //!< examples forwarded so far, for scoring or for training
  std::uint64_t backwards = 0;  //!< examples back-propagated so far
  double train_loss = 0;        //!< mean loss of the epoch's training batches
  double test_error = 0;        //!< fraction in [0, 1]; negative when not evaluated at this epoch
  double learning_rate = 0;     //!< at the end of the epoch
  double keep_rate = 1;         //!< back-propagated share of the examples offered in this epoch
  double wrong_share =
      0;  //!< share of wrongly labelled examples among the back-propagated (label noise only)
};

//! One line of `steps.jsonl`.
struct step {
  std::uint64_t index = 0, forwards = 0, backwards = 0;
  double seconds = 0, loss = 0, learning_rate = 0, selection_us = 0;
  std::uint64_t trained_ids = empty_fingerprint;  //!< as in `run`, so far
};

//! The losses of some examples; all 0 when there are none.
struct loss_summary {
  std::uint64_t count = 0;
  double mean = 0, median = 0, upper = 0;  //!< `upper` is the quantile of 0.9
};

//! What a method's sieve decided in an epoch, since the program was last started.
struct decisions {
  std::uint32_t epoch = 0;
  loss_summary selected, skipped;
};

//! One complete, fully decayed training run.
struct run {
  std::string method;  //!< as given to --method
  std::uint64_t seed = 0;
  double budget_seconds = 0;     //!< the nominal budget it was given
  double seconds = 0;            //!< measured training time
  double selection_seconds = 0;  //!< of it, spent in the library
  std::uint64_t forwards = 0, backwards = 0;
  double test_error = 0;  //!< final, fraction
  double test_nll = 0;    //!< final mean negative log-likelihood
  decisions decided;      //!< in the last epoch of some length; empty when nothing was decided
  //! Fingerprints of the ids back-propagated, in their order, and of the final weights: two runs
  //! that agree in them did the same, bit for bit.
  std::uint64_t trained_ids = empty_fingerprint, final_weights = empty_fingerprint;
  std::vector<epoch> epochs;
  std::vector<step> steps;  //!< sampled; may be empty
};

//! One image of the contact sheets: the most and the least selected training examples.
struct exhibit {
  std::int64_t id = 0;
  std::string label;       //!< the label trained on
  std::string true_label;  //!< differs from `label` under --label-noise
  std::uint32_t seen = 0, selected = 0;
  float loss = 0;
  std::vector<std::uint8_t> pixels;  //!< width * height grey values
};

//! A cloud or curve for an extra figure, e.g. loss against gradient norm.
struct series {
  std::string name;
  std::vector<std::pair<double, double>> points;
};
struct figure {
  std::string id, title, caption, x_label, y_label;
  bool log_x = false, log_y = false, scatter = false;
  std::vector<series> lines;
};

//! Everything one invocation leaves behind.
struct experiment {
  std::string title;  //!< e.g. "Fashion-MNIST, MLP 784-256-256-10"
  std::vector<std::pair<std::string, std::string>>
      environment;  //!< flags, versions, CPU, compiler: key, value
  std::vector<run> runs;
  std::vector<std::pair<std::string, std::string>>
      methods;               //!< name, one-line description; in display order; first = baseline
  double target_error = -1;  //!< fraction; negative: the baseline's median at its largest budget
  std::vector<figure> figures;
  std::vector<exhibit> most_selected, least_selected;
  int image_width = 28, image_height = 28;
  std::vector<std::pair<std::string, std::vector<std::vector<std::string>>>>
      tables;                      //!< extra tables: title, rows (first row = head)
  std::vector<std::string> notes;  //!< sentences for the summary, e.g. what was not measured
  std::string
      claim;  //!< method named beforehand for the headline; empty: the one with the largest gain
};

}  // namespace record
