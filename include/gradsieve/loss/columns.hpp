// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One score per example from several losses on different scales: their percentiles,
//! combined.
#pragma once

#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/loss/loss_matrix.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! What becomes of an example's percentiles in its columns.
enum class combination : std::uint8_t { mean, max };

struct column_options {
  std::size_t history = 1024;  //!< losses that each column's percentiles are taken against
  combination how = combination::mean;
  std::vector<std::uint32_t> weights = {};  //!< of the mean, for each column; empty: equal
  std::size_t max_batch = 4096;             //!< batches up to this size never allocate
};

//! Losses of several tasks (or heads, or terms) for each example, on scales that cannot be
//! compared. Each column has a history of its own; a score is the weighted mean or the maximum of
//! an example's percentiles, in [0, 1], and goes where a loss would: `sieve.pick(ids,
//! tasks.scores(losses))`.
//!
//! A batch enters the histories first and is ranked then, strictly: #{h < loss} of the losses that
//! its column's history holds, which may be fewer than another's; 0 while it holds none. Scores are
//! made of integers, hence the same under every flag: percentiles in units of 2^-32, cut off, the
//! score in units of 2^-24.
//!
//! A NaN or infinite loss enters no history and makes its example's score NaN, whatever the other
//! columns say, since it tells of a fault: the sieve then skips, selects or throws as it was told.
//! A task that has no label for an example is not a fault: leave it out by the mask, and the other
//! columns decide. An example with nothing left has the score NaN.
//!
//! @tparam History  where percentiles come from: see `history`
template <history History = loss_window>
class basic_loss_columns {
 public:
  //! @throws invalid_argument for no columns, a history outside of [1, 2^24], and weights that are
  //! not one for each column, are 0, sum to 2^32 or more, or come with the maximum.
  explicit basic_loss_columns(std::size_t columns, const column_options& options = {})
      : basic_loss_columns(columns, options, History(options.history)) {}
  //! The same with copies of a history of one's own, whose capacity replaces `options.history`.
  basic_loss_columns(std::size_t columns, const column_options& options, const History& past)
      : how_(options.how), histories_(columns, past), window_(past.capacity()) {
    check_weights(options.weights);
    weights_.assign(columns, 1);
    for (std::size_t c = 0; c < options.weights.size(); ++c) weights_[c] = options.weights[c];
    keys_.reserve(columns * options.max_batch);
    kept_.reserve(options.max_batch);
    ranked_.reserve(options.max_batch);
    scores_.reserve(options.max_batch);
  }

  std::size_t size() const { return histories_.size(); }  //!< columns
  //! What a column's losses are ranked against. @throws out_of_range for a column beyond the last.
  const History& history(std::size_t column) const {
    if (column >= size()) {
      detail::fail<out_of_range>("loss_columns: column ", column, " of ", size());
    }
    return histories_[column];
  }

  //! Takes a batch into the histories and scores it. Valid until the next call.
  //! O(columns (n log n + n log history + history)).
  //! @param losses  n examples x `size()` columns.
  //! @param keep  as many flags, packed; 0: no such loss. Empty: all are there.
  //! @throws invalid_argument for sizes that do not fit; nothing is changed.
  template <loss_value T>
  std::span<const float> scores(const loss_matrix<T>& losses,
                                std::span<const std::uint8_t> keep = {}) {
    detail::check_matrix("loss_columns", losses, keep);
    check_columns(losses.columns);
    keys_.clear();
    for (std::size_t c = 0; c < size(); ++c) {
      for (std::size_t r = 0; r < losses.rows; ++r) {
        const bool here = detail::keeps(keep, r * size() + c);
        keys_.push_back(here ? known(losses.row(r)[c]) : key_never);
      }
    }
    return combine(losses.rows);
  }

  //! The same for a vector of losses for each column, of any floating types.
  template <loss_range... Columns>
  requires(sizeof...(Columns) > 0) std::span<const float> scores(const Columns&... columns) {
    check_columns(sizeof...(Columns));
    const std::size_t lengths[] = {detail::loss_span(columns).size()...};
    for (const std::size_t length : lengths) {
      if (length != lengths[0]) {
        detail::fail<invalid_argument>("loss_columns: a column of ", length,
                                       " losses beside one of ", lengths[0]);
      }
    }
    keys_.clear();
    const auto append = [this](const auto& losses) {
      for (const auto loss : detail::loss_span(losses)) keys_.push_back(known(loss));
    };
    (append(columns), ...);
    return combine(lengths[0]);
  }

  //! @name State: the histories
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::columns, *this);
  }
  //! @throws state_error for bytes that are not of such columns; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::columns, *this, bytes); }

  void write(byte_writer& out) const {
    out.put(std::uint64_t{size()});
    out.put(how_);
    for (const std::uint32_t weight : weights_) out.put(weight);
    for (const History& past : histories_) past.write(out);
  }
  void read(byte_reader& in) {
    in.expect("a column count of", std::uint64_t{size()});
    in.expect("a combination of", static_cast<std::uint8_t>(how_));
    for (const std::uint32_t weight : weights_) in.expect("a column's weight of", weight);
    for (History& past : histories_) past.read(in);
  }
  //! @}

 private:
  //! A row's percentiles so far; without a weight there was none.
  struct ranked_row {
    std::uint64_t most = 0, sum = 0, weight = 0;
    bool faulty = false;
  };

  //! Finite, or `key_above`: NaNs have keys of every kind, `key_never` among them.
  template <class T>
  static loss_key known(T loss) {
    const loss_key key = to_key(loss);
    return is_finite(key) ? key : key_above;
  }

  void check_weights(const std::vector<std::uint32_t>& weights) const {
    if (size() == 0) detail::fail<invalid_argument>("loss_columns: there are 0 columns");
    if (weights.empty()) return;
    if (how_ == combination::max) {
      detail::fail<invalid_argument>("loss_columns: the maximum takes no weights, ", weights.size(),
                                     " were given");
    }
    if (weights.size() != size()) {
      detail::fail<invalid_argument>("loss_columns: ", weights.size(), " weights for ", size(),
                                     " columns");
    }
    std::uint64_t sum = 0;
    for (const std::uint32_t weight : weights) {
      if (weight == 0) detail::fail<invalid_argument>("loss_columns: a column's weight is 0");
      sum += weight;
    }
    if (sum >> 32 != 0) {
      detail::fail<invalid_argument>("loss_columns: the weights sum to ", sum,
                                     ", it must be below 2^32");
    }
  }

  void check_columns(std::size_t given) const {
    if (given != size()) {
      detail::fail<invalid_argument>("loss_columns: losses of ", given, " columns, made for ",
                                     size());
    }
  }

  //! Ranks the batch in `keys_`, one column after the other.
  std::span<const float> combine(std::size_t rows) {
    ranked_.assign(rows, {});
    for (std::size_t c = 0; c < size(); ++c) rank(c, {keys_.data() + c * rows, rows});
    scores_.resize(rows);
    for (std::size_t r = 0; r < rows; ++r) scores_[r] = detail::bit_cast<float>(score(ranked_[r]));
    return scores_.view();
  }

  void rank(std::size_t column, std::span<const loss_key> keys) {
    kept_.clear();
    for (std::size_t r = 0; r < keys.size(); ++r) {
      if (keys[r] != key_never) kept_.push_back(keys[r]);
    }
    History& past = histories_[column];
    past.push_keys(kept_.view());
    past.write_sorted_keys(window_.resize(past.size()));
    const window_view window = window_.view();
    for (std::size_t r = 0; r < keys.size(); ++r) {
      if (keys[r] == key_never) continue;
      ranked_row& row = ranked_[r];
      row.faulty = row.faulty || !is_finite(keys[r]);
      const std::uint64_t rank = window.rank(keys[r]);
      const std::uint64_t percentile = window.size == 0 ? 0 : (rank << 32) / window.size;
      row.most = (std::max)(row.most, percentile);
      row.sum += percentile * weights_[column];
      row.weight += weights_[column];
    }
  }

  //! The bits of a row's score.
  std::uint32_t score(const ranked_row& row) const {
    if (row.faulty || row.weight == 0) return detail::nan_bits;
    const std::uint64_t combined = how_ == combination::max ? row.most : row.sum / row.weight;
    // To nearest, so that percentiles cut off below do not pull 1/2 down; exact in a float.
    return float_bits(static_cast<float>((combined + 128) >> 8) * 0x1p-24f);
  }

  combination how_;
  std::vector<History> histories_;
  sorted_window window_;
  detail::buffer<std::uint32_t> weights_;
  detail::buffer<loss_key> keys_, kept_;  // one column after the other; what a history is given
  detail::buffer<ranked_row> ranked_;
  detail::buffer<float> scores_;
};

//! The columns that most users meet: exact windows.
using loss_columns = basic_loss_columns<>;

}  // namespace gradsieve::inline GRADSIEVE_ABI
