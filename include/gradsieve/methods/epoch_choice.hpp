// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a rule that plans whole epochs is given, and what it gives back.
#pragma once

#include <gradsieve/batch/queue.hpp>
#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/random/draw.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! An epoch that is to be planned.
struct epoch_situation {
  ledger_view entries;             //!< what is known of each example
  std::uint32_t epoch = 0;         //!< counted from 0
  std::uint32_t total_epochs = 0;  //!< of the run; 0: not known
  draw_key key;                    //!< its step is the epoch
};

//! The examples of an epoch.
struct epoch_choice {
  gradsieve::detail::buffer<std::int64_t> train;    //!< ascending; repeats are trained repeatedly
  gradsieve::detail::buffer<float> weights;         //!< one for each of `train`, or empty: all 1
  gradsieve::detail::buffer<std::int64_t> refresh;  //!< ascending: due a forward without gradient

  void clear() {
    train.clear();
    weights.clear();
    refresh.clear();
  }
  //! Everyone but the retired, with weight 1.
  void take_all(const ledger_view& entries) {
    clear();
    for (std::size_t id = 0; id < entries.size(); ++id) {
      if (!entries[id].retired()) train.push_back(static_cast<std::int64_t>(id));
    }
  }

  void write(byte_writer& out) const {
    out.put(train.view());
    out.put(refresh.view());
    out.put(std::uint64_t{weights.size()});
    for (const float weight : weights) out.put(float_bits(weight));
  }
  //! Reads the choice of an epoch over `examples` examples.
  void read(byte_reader& in, std::int64_t examples) {
    using gradsieve::detail::fail;
    train = in.list<std::int64_t>("plan");
    refresh = in.list<std::int64_t>("refresh list");
    const auto bits = in.list<std::uint32_t>("weights");
    if (!bits.empty() && bits.size() != train.size()) {
      fail<state_error>("state: ", bits.size(), " weights for ", train.size(), " ids");
    }
    weights.clear();
    for (const std::uint32_t each : bits) {
      if (each >= 0x7f800000u) fail<state_error>("state: a weight is negative or not finite");
      weights.push_back(gradsieve::detail::bit_cast<float>(each));
    }
    for (const auto* ids : {&train, &refresh}) {
      std::int64_t previous = 0;
      for (const std::int64_t id : *ids) {
        if (id < previous || id >= examples) {
          fail<state_error>("state: the plan's id ", id, " is not between ", previous, " and ",
                            examples);
        }
        previous = id;
      }
    }
  }
};

//! A rule that chooses an epoch's examples: a pure function of the situation and of its own
//! numbers. It leaves the retired out, and trains those that have had no loss yet. It is not asked
//! while no loss is known at all, unless it says `needs_losses = false`. It may keep buffers; what
//! it remembers must be saved, by `write(byte_writer&) const` and `read(byte_reader&)`.
template <class R>
concept epoch_rule = requires(R& rule, const epoch_situation& at, epoch_choice& out) {
  rule.choose(at, out);
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
