// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file All of the core: loss-driven example selection on the host.
#pragma once

#include <gradsieve/batch/queue.hpp>
#include <gradsieve/config.hpp>
#include <gradsieve/error.hpp>
#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/history/shard.hpp>
#include <gradsieve/key/loss_key.hpp>
#include <gradsieve/loss/columns.hpp>
#include <gradsieve/loss/loss_matrix.hpp>
#include <gradsieve/loss/reduce.hpp>
#include <gradsieve/loss/token_batch.hpp>
#include <gradsieve/parallel/executor.hpp>
#include <gradsieve/policy/band.hpp>
#include <gradsieve/policy/combinators.hpp>
#include <gradsieve/policy/curve.hpp>
#include <gradsieve/policy/per_group.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/policy/tabulated.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/random/bijection.hpp>
#include <gradsieve/random/draw.hpp>
#include <gradsieve/random/uniform.hpp>
#include <gradsieve/rule/rule.hpp>
#include <gradsieve/schedule/activity.hpp>
#include <gradsieve/schedule/epoch_lengths.hpp>
#include <gradsieve/schedule/staleness.hpp>
#include <gradsieve/schedule/work_schedule.hpp>
#include <gradsieve/select/exactly_k.hpp>
#include <gradsieve/select/masses.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/select/random_k.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/select/weights.hpp>
#include <gradsieve/select/with_replacement.hpp>
#include <gradsieve/select/with_replacement_selector.hpp>
#include <gradsieve/sieve.hpp>
#include <gradsieve/sieve/score.hpp>
#include <gradsieve/version.hpp>
