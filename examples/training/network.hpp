// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The seam between the shared trainer and a framework: what a network does with examples.
#pragma once

#include "dataset.hpp"
#include "training_options.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace training {

//! Mean error and negative log-likelihood of a network on a data set.
struct score {
  double error = 0, nll = 0;
};

//! A network on its training set, with its optimiser. Ids are those of the training set. Losses are
//! one for each example, valid until the next call that forwards.
//!
//! All that it draws is a function of the options' seed and of what was done to it: the same calls
//! give the same weights, also after a `load`.
class network {
 public:
  network() = default;
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  virtual ~network() = default;

  //! Forwards examples as a training step does.
  virtual std::span<const float> forward(std::span<const std::int64_t> ids) = 0;
  //! The same losses without a way back: nothing can be back-propagated from here, and nothing in
  //! the network changes.
  virtual std::span<const float> scoring_forward(std::span<const std::int64_t> ids) = 0;
  //! The losses of the last pass of either kind, and how many of its examples had another class
  //! than their label on top.
  virtual std::span<const float> losses() const = 0;
  virtual std::int64_t mistakes() const = 0;

  //! The gradient of the mean loss of what was forwarded last.
  virtual void backward() = 0;
  //! The gradient of the mean, over some positions of the last pass, of weight times loss.
  //! @param weights empty (all one), or a factor for each position
  //! @return how many examples' backward pass was computed for it
  virtual std::size_t backward(std::span<const std::uint32_t> positions,
                               std::span<const float> weights) = 0;
  //! The optimiser's step by the last gradient.
  virtual void update(double learning_rate) = 0;

  //! Brings up to date what evaluation needs of the training set, such as BatchNorm's statistics.
  //! Training does not depend on it.
  //! @return how many examples were forwarded for it
  virtual std::size_t prepare_evaluation() { return 0; }
  //! @pre `prepare_evaluation` after the last update
  virtual score evaluate(const dataset& data) = 0;

  //! Everything that its future depends on: weights, the optimiser's memory, the place in its
  //! random numbers.
  virtual std::vector<std::byte> save() const = 0;
  //! @throws std::runtime_error if saved by a network of another shape
  virtual void load(std::span<const std::byte> saved) = 0;
  //! Two networks with the same weights have the same, and others hardly ever.
  virtual std::uint64_t fingerprint() const = 0;

  //! Loss and norm of the loss's gradient over all parameters, for each of these examples; empty
  //! where the framework has no cheap way to tell. The last pass is lost, nothing else changes.
  virtual std::vector<std::pair<double, double>> gradient_norms(std::span<const std::int64_t>) {
    return {};
  }
};

//! Makes the network of a run. The data outlive it.
using network_factory =
    std::function<std::unique_ptr<network>(const dataset& train, const training_options&)>;

}  // namespace training
