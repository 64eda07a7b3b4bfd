// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a sieve is made from: one aggregate whose every member has a default.
#pragma once

#include <gradsieve/batch/queue.hpp>
#include <gradsieve/key/loss_batch.hpp>
#include <gradsieve/policy/curve.hpp>
#include <gradsieve/policy/policy_list.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/random/draw.hpp>
#include <gradsieve/rule/averaged.hpp>
#include <gradsieve/schedule/activity.hpp>
#include <gradsieve/schedule/staleness.hpp>
#include <gradsieve/sieve/score.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Whether a batch's own losses are in the history when it is decided.
enum class update_order : std::uint8_t {
  update_then_decide,  //!< yes: the paper's code
  decide_then_update,  //!< no: the sort leaves the critical path
};

//! What a decision's random word belongs to.
enum class draw_by : std::uint8_t {
  position,  //!< the place in the (global) batch: four decisions to a Philox call
  id,        //!< the example: the decision does not depend on the place in the batch
};

//! Options of `basic_sieve`. Use designated initialisers; members are only ever appended.
template <class Refresh>
struct basic_sieve_options {
  std::int64_t examples = 0;     //!< size of the ledger (ids 0 … examples - 1); 0: no ledger
  curve policy = power{};        //!< percentile -> probability
  std::size_t history = 1024;    //!< losses that percentiles are taken against, H
  std::size_t min_fill = 0;      //!< until so many are there, everything is selected; 0: H
  std::size_t max_batch = 4096;  //!< batches up to this size never allocate
  std::uint64_t seed = 0;        //!< same seed, same selections
  std::uint32_t replica = 0;     //!< below 2^24: separates the draws of several sieves of one seed
  update_order order = update_order::update_then_decide;
  draw_by keying = draw_by::position;
  non_finite on_non_finite = non_finite::skip;
  activity active = always{};  //!< when selection is on; else everything is selected
  Refresh refresh = detail::default_refresh<Refresh>();  //!< which examples need a fresh loss
  std::uint32_t total_epochs = 0;                        //!< length of the training, for `between`
  std::uint64_t total_steps = 0;  //!< the same in steps; wins over total_epochs when given
  queue_options queue = {};       //!< batch_size 0: no queue
  ties tied = ties::strict;       //!< how a loss equal to others is ranked
  std::size_t min_batch = 0;      //!< least selected of a batch, as far as it goes (see `top_up`)
  score by = {};                  //!< what is ranked; the loss unless given. Needs ids
  //! One policy for each group (class), in the place of `policy`; groups come by `assign_groups` or
  //! with each pick.
  policy_list per_group = {};
};

using sieve_options = basic_sieve_options<staleness>;

namespace detail {

//! Writes the options that decide what a sieve does; the policy is saved as its table.
template <class Refresh>
void write_options(const basic_sieve_options<Refresh>& options, byte_writer& out) {
  out.put(options.seed);
  out.put(options.replica);
  out.put(options.order);
  out.put(options.keying);
  out.put(options.tied);
  out.put(options.on_non_finite);
  out.put(std::uint64_t{options.min_fill});
  out.put(std::uint64_t{options.min_batch});
  out.put(options.total_epochs);
  out.put(options.total_steps);
  out.put(options.active.fingerprint());
  if constexpr (requires { options.refresh.fingerprint(); }) {
    out.put(options.refresh.fingerprint());
  } else {
    out.put(std::uint64_t{0});
  }
}

//! Compares saved options with these. @throws state_error, naming the first that differs.
template <class Refresh>
void expect_options(const basic_sieve_options<Refresh>& options, byte_reader& in) {
  byte_writer here;
  write_options(options, here);
  byte_reader mine(here.view().data(), here.view().size());
  in.expect("seed", mine.get<std::uint64_t>());
  in.expect("replica", mine.get<std::uint32_t>());
  in.expect("update order", mine.get<std::uint8_t>());
  in.expect("keying", mine.get<std::uint8_t>());
  in.expect("rule for ties", mine.get<std::uint8_t>());
  in.expect("rule for NaN losses", mine.get<std::uint8_t>());
  in.expect("min_fill", mine.get<std::uint64_t>());
  in.expect("min_batch", mine.get<std::uint64_t>());
  in.expect("total_epochs", mine.get<std::uint32_t>());
  in.expect("total_steps", mine.get<std::uint64_t>());
  in.expect("an `active` schedule of fingerprint", mine.get<std::uint64_t>());
  in.expect("a `refresh` rule of fingerprint", mine.get<std::uint64_t>());
}

//! The same options, unless they are wrong in a way that no part of a sieve finds, or not by the
//! option's name. @throws invalid_argument.
template <class Refresh>
const basic_sieve_options<Refresh>& checked(const basic_sieve_options<Refresh>& options) {
  if (options.active.needs_total() && options.total_steps == 0 && options.total_epochs == 0) {
    fail<invalid_argument>(
        "sieve: between{} needs the length of the training: set total_epochs or total_steps");
  }
  check_replica(options.replica);
  if (options.per_group.size() > 0x10000) {
    fail<invalid_argument>("sieve: ", options.per_group.size(),
                           " policies, but there are at most 65536 groups");
  }
  if (options.examples < 0) {
    fail<invalid_argument>("sieve: examples is ", options.examples, ", it must not be negative");
  }
  return options;
}

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI
