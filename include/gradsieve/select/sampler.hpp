// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A selector with a rule and a seed of its own, for those who want this part alone.
#pragma once

#include <gradsieve/key/loss_batch.hpp>
#include <gradsieve/select/selector.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

struct sampler_options {
  std::uint64_t seed = 0;
  std::uint32_t replica = 0;                    //!< below 2^24: separates samplers of one seed
  non_finite on_non_finite = non_finite::skip;  //!< what becomes of NaN and infinite losses
};

struct draw_options {
  std::uint32_t step = 0;                  //!< another step, other draws
  std::uint64_t first = 0;                 //!< global position of the batch's element 0
  std::span<const std::int64_t> ids = {};  //!< given: draws are keyed by id instead of position
};

//! Applies a selector to losses: a pure function of (losses, window, options). Keeps a buffer of
//! the last batch's keys and nothing else.
template <selector Selector>
class sampler {
 public:
  //! @throws invalid_argument for a rule that was never compiled, or a replica of 2^24 or more.
  explicit sampler(rule compiled, const sampler_options& options = {},
                   Selector selector = Selector())
      : rule_(std::move(compiled)), options_(options), selector_(std::move(selector)) {
    if (rule_.size() == 0) detail::fail<invalid_argument>("sampler: the rule was never compiled");
    detail::check_replica(options.replica);
  }

  const rule& compiled() const { return rule_; }

  //! Writes the positions of the selected losses, ascending, and returns how many.
  //! @param losses  n losses of any floating type.
  //! @param window  as many entries as the rule was compiled for.
  //! @param out  room for n positions.
  //! @throws invalid_argument when sizes do not fit; non_finite_loss under `non_finite::raise`.
  template <class Losses>
  std::size_t operator()(const Losses& losses, const window_view& window,
                         const draw_options& options, std::span<std::uint32_t> out) {
    const auto values = detail::loss_span(losses);
    check_window(window);
    if (out.size() < values.size()) {
      detail::fail<invalid_argument>("sampler: room for ", out.size(), " positions, but ",
                                     values.size(), " losses");
    }
    if (!options.ids.empty() && options.ids.size() != values.size()) {
      detail::fail<invalid_argument>("sampler: ", options.ids.size(), " ids and ", values.size(),
                                     " losses");
    }
    keys_.assign(values, options_.on_non_finite);
    const draw_key key{options_.seed, options.step,
                       options.ids.empty() ? purpose::pick_by_position : purpose::pick_by_id,
                       options_.replica};
    return selector_.select(rule_.view(), window, key, {keys_.view(), options.ids, options.first},
                            out);
  }

  //! The probabilities with which those of `positions` were to be selected, of the batch last drawn
  //! from the same window. O(n log H).
  //! @throws out_of_range for a position beyond that batch.
  void inclusion(std::span<const std::uint32_t> positions, const window_view& window,
                 std::span<float> out) {
    for (const std::uint32_t position : positions) {
      if (position >= keys_.size()) {
        detail::fail<out_of_range>("sampler: position ", position, " of a batch of ", keys_.size());
      }
    }
    check_window(window);
    if (out.size() < positions.size()) {
      detail::fail<invalid_argument>("sampler: room for ", out.size(), " probabilities, but ",
                                     positions.size(), " positions");
    }
    selector_.inclusion(rule_.view(), window, {keys_.view()}, positions, out);
  }

 private:
  void check_window(const window_view& window) const {
    if (window.size != rule_.size()) {
      detail::fail<invalid_argument>("sampler: the rule was compiled for a window of ",
                                     rule_.size(), " losses, this one holds ", window.size);
    }
  }

  rule rule_;
  sampler_options options_;
  Selector selector_;
  loss_batch keys_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
