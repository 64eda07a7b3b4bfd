// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Evolved Sampling: a batch's examples are drawn by a running mean of their losses and its
//! changes.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/successive_selector.hpp>
#include <gradsieve/sieve.hpp>

#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! A column of running means: for a loss l the weight w = b1 s + (1 - b1) l, then s <- b2 s + (1 -
//! b2) l; s = 1 / n before. In float32, so the last bit may differ between compilers. 4 bytes an
//! example.
class evolved_weights {
 public:
  evolved_weights(std::int64_t examples, double b1, double b2)
      : means_(static_cast<std::size_t>(examples), 1.0f / static_cast<float>(examples)),
        b1_(b1),
        b2_(b2) {}

  float mean(std::int64_t id) const { return means_[static_cast<std::size_t>(id)]; }

  //! The weights of a batch, valid until the next call. A loss that is not finite has the weight
  //! NaN and changes nothing. Of one id's several losses each counts.
  //! @throws invalid_argument for sizes that differ, out_of_range for an id beyond the examples;
  //! nothing is changed then.
  template <class Ids, class Losses>
  std::span<const float> update(const Ids& ids, const Losses& losses) {
    const auto values = detail::loss_span(losses);
    const auto given = detail::id_span(ids);
    if (given.size() != values.size()) {
      detail::fail<invalid_argument>("evolved_sampling: ", given.size(), " ids and ", values.size(),
                                     " losses");
    }
    for (const auto id : given) {
      if (std::cmp_less(id, 0) || std::cmp_greater_equal(id, means_.size())) {
        detail::fail<out_of_range>("evolved_sampling: id ", id, " is outside of [0, ",
                                   means_.size(), ")");
      }
    }
    weights_.clear();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const loss_key key = to_key(values[i]);
      if (!is_finite(key)) {
        weights_.push_back(detail::bit_cast<float>(0x7fc00000u));
        continue;
      }
      const auto loss = static_cast<double>(to_loss(key));
      float& mean = means_[static_cast<std::size_t>(given[i])];
      weights_.push_back(static_cast<float>(b1_ * static_cast<double>(mean) + (1 - b1_) * loss));
      mean = static_cast<float>(b2_ * static_cast<double>(mean) + (1 - b2_) * loss);
    }
    return weights_.view();
  }

  void write(byte_writer& out) const {
    detail::write_number(b1_, out);
    detail::write_number(b2_, out);
    out.put(std::uint64_t{means_.size()});
    for (const float mean : means_) out.put(float_bits(mean));
  }
  void read(byte_reader& in) {
    detail::expect_number("b1", b1_, in);
    detail::expect_number("b2", b2_, in);
    const auto bits = in.list<std::uint32_t>("running means");
    if (bits.size() != means_.size()) {
      detail::fail<state_error>("state: ", bits.size(), " running means for ", means_.size(),
                                " examples");
    }
    for (std::size_t i = 0; i < bits.size(); ++i) {
      means_[i] = detail::bit_cast<float>(bits[i]);
      if (!is_finite(to_key(means_[i]))) {
        detail::fail<state_error>("state: a running mean is not finite");
      }
    }
  }

 private:
  detail::buffer<float> means_, weights_;
  double b1_, b2_;
};

//! The running means and the sieve that draws by them.
class evolved_sampler {
 public:
  using selector_type = counted<successive_selector<by_value>, keep_share>;
  using sieve_type = basic_sieve<no_history, selector_type>;

  evolved_sampler(evolved_weights weights, sieve_type draws)
      : weights_(std::move(weights)), sieve_(std::move(draws)) {}

  void begin_epoch(std::uint32_t epoch) { sieve_.begin_epoch(epoch); }
  //! Draws of a batch after its forward pass. @throws as `evolved_weights::update`.
  template <class Ids, class Losses>
  sieve_type::selection pick(const Ids& ids, const Losses& losses) {
    return sieve_.pick(ids, weights_.update(ids, losses));
  }

  const evolved_weights& weights() const { return weights_; }
  sieve_type& sieve() { return sieve_; }  //!< work, keep rate, watching

  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::evolved_sampling, *this);
  }
  //! @throws state_error for bytes that are not of such a sampler; nothing is changed.
  void load(std::span<const std::byte> bytes) {
    load_state(state_kind::evolved_sampling, *this, bytes);
  }
  void write(byte_writer& out) const {
    weights_.write(out);
    sieve_.write(out);
  }
  void read(byte_reader& in) {
    weights_.read(in);
    sieve_.read(in);
  }

 private:
  evolved_weights weights_;
  sieve_type sieve_;
};

//! int(keep n) of each (larger) batch, one after another without replacement, in proportion to
//! their weights w; all of it in the first and the last 5 % of the epochs. Source: the paper's ES,
//! equations of w and s, (b1, b2) = (.2, .9). Negative weights count as 0; all 0: uniformly. NaN is
//! never selected. Differences: with pruning of whole epochs (ESWP) it is not offered here.
struct evolved_sampling {
  double b1 = 0.2, b2 = 0.9;  //!< in [0, 1]
  double keep = 0.25;         //!< in (0, 1]
  double annealing = 0.05;    //!< share of the epochs at each end that trains on all, in [0, .5]

  static constexpr method_info info{.name = "evolved_sampling",
                                    .source = "Cheng et al. 2025, arXiv 2509.23461",
                                    .rule = "p in proportion to b1 s + (1 - b1) loss in the batch",
                                    .weights = "-",
                                    .cost = "O(n + k log n)",
                                    .hooks = hook::pick,
                                    .example_bytes = 4};

  //! @throws invalid_argument for numbers outside their ranges, and without `examples` or `epochs`.
  evolved_sampler make(const run_shape& run) const {
    detail::check_share("evolved_sampling: keep", keep);
    if (!detail::in_unit_interval(b1) || !detail::in_unit_interval(b2)) {
      detail::fail<invalid_argument>("evolved_sampling: b1 is ", b1, " and b2 ", b2,
                                     ", they must be in [0, 1]");
    }
    if (run.examples <= 0) {
      detail::fail<invalid_argument>("evolved_sampling: needs the number of examples");
    }
    run_shape draws = run;
    draws.examples = 0;  // it keeps means in the place of losses
    const activity active = between{annealing, 1 - annealing};
    run.need_epochs(active, "evolved_sampling");
    return {evolved_weights(run.examples, b1, b2),
            {draws.batch_alone(active), no_history(), evolved_sampler::selector_type({keep})}};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
