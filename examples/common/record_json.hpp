// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The record of a run to JSON and back, every member of it, so that a stopped run's lines go
//! on.
#pragma once

#include "record.hpp"

#include <nlohmann/json.hpp>

namespace record {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(epoch, index, seconds, forwards, backwards, train_loss,
                                   test_error, learning_rate, keep_rate, wrong_share)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(step, index, forwards, backwards, seconds, loss, learning_rate,
                                   selection_us, trained_ids)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(run, method, seed, budget_seconds, seconds, selection_seconds,
                                   forwards, backwards, test_error, test_nll, trained_ids,
                                   final_weights, epochs, steps)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(series, name, points)

}  // namespace record
