// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "decision_log.hpp"

#include <gradsieve/boost/observer.hpp>

namespace training {
namespace {

record::loss_summary summary(const gradsieve::statistics::running& losses) {
  if (losses.count() == 0) return {};
  return {.count = losses.count(),
          .mean = losses.mean(),
          .median = losses.quantile(0.5),
          .upper = losses.quantile(0.9)};
}

}  // namespace

struct decision_log::statistics {
  gradsieve::statistics::observer by_decision{{.quantiles = {0.5, 0.9}}};
};

decision_log::decision_log() : losses_(std::make_unique<statistics>()) {}
decision_log::~decision_log() = default;

void decision_log::decided(const gradsieve::decision& made) { losses_->by_decision.decided(made); }

void decision_log::end_epoch(std::uint32_t epoch, record::decisions& last) {
  auto& losses = losses_->by_decision;
  const std::uint64_t before = last.selected.count + last.skipped.count;
  if (losses.all().count() != 0 && losses.all().count() >= before / 2) {
    last = {epoch, summary(losses.selected()), summary(losses.skipped())};
  }
  losses.reset();
}

}  // namespace training
