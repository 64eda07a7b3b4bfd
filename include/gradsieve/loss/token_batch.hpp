// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selection by token: the tokens that count as one batch, and a mask of those selected.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/loss/loss_matrix.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

struct token_options {
  std::span<const std::int64_t> ids = {};  //!< an id for each row; empty: 0, 1, …
  std::size_t length = 0;  //!< tokens of the longest row of all batches; 0: this matrix's columns
};

//! Lays out the tokens that an ignore mask keeps as one batch for any selector, and puts what was
//! selected back into its place among the rows:
//!
//!     tokens.assign(losses, keep);
//!     auto picked = sieve.pick(tokens.ids(), tokens.losses());
//!     tokens.write_mask(picked.positions(), mask);  // rows x columns, 1 where selected
//!
//! Ignored tokens have no part in it: they enter no history and count neither as skipped nor as not
//! finite. The loss to train on is sum(mask loss) / picked.size(), the mean over the selected (none
//! when nothing is), or without bias for the mean over the kept, sum(w loss) / tokens.size() with
//! `normalisation::unbiased` weights w put into place by `scatter`.
//!
//! A token's id is row id * length + column. Draws keyed by it (`.keying = draw_by::id`, or ids
//! given to a sampler) decide on a token wherever its row stands and however much padding the batch
//! has, given ids and a length that stay the same; keyed by position, a decision depends on how
//! many kept tokens come before.
class token_batch {
 public:
  //! @param max_tokens  up to so many kept ones, `assign` never allocates.
  explicit token_batch(std::size_t max_tokens = 0) {
    losses_.reserve(max_tokens);
    ids_.reserve(max_tokens);
    places_.reserve(max_tokens);
  }

  //! Takes the kept losses of a matrix, row by row. O(rows columns).
  //! @param keep  rows x columns flags, packed; 0 leaves a token out (`write_keep` makes them from
  //! targets). Empty: all are kept.
  //! @throws invalid_argument for sizes that do not fit, 2^32 tokens or more, a length below the
  //! columns; out_of_range for a row id that is negative or whose tokens' ids exceed 64 bits;
  //! nothing is changed.
  template <loss_value T>
  void assign(const loss_matrix<T>& losses, std::span<const std::uint8_t> keep = {},
              const token_options& options = {}) {
    detail::check_matrix("token_batch", losses, keep);
    const std::size_t length = options.length == 0 ? losses.columns : options.length;
    check(losses.rows, losses.columns, length, options.ids);
    size_ = losses.rows * losses.columns;
    losses_.clear();
    ids_.clear();
    places_.clear();
    for (std::size_t r = 0; r < losses.rows; ++r) {
      const T* row = losses.row(r);
      const std::int64_t id = options.ids.empty() ? static_cast<std::int64_t>(r) : options.ids[r];
      for (std::size_t c = 0; c < losses.columns; ++c) {
        const std::size_t place = r * losses.columns + c;
        if (!detail::keeps(keep, place)) continue;
        losses_.push_back(detail::bit_cast<float>(float_bits(row[c])));
        ids_.push_back(id * static_cast<std::int64_t>(length) + static_cast<std::int64_t>(c));
        places_.push_back(static_cast<std::uint32_t>(place));
      }
    }
  }

  std::size_t size() const { return losses_.size(); }  //!< tokens kept
  //! Row by row. Templates for the sake of those who never ask (decision 13).
  template <class T = float>
  std::span<const T> losses() const {
    return losses_.view();
  }
  //! In the same order.
  template <class T = std::int64_t>
  std::span<const T> ids() const {
    return ids_.view();
  }
  //! Where each stands: row * columns + column.
  template <class T = std::uint32_t>
  std::span<const T> places() const {
    return places_.view();
  }

  //! Writes 1 at the places of `positions` and 0 elsewhere. O(rows columns).
  //! @param positions  of tokens within `losses()`, as a selection has them.
  //! @param mask  rows x columns, packed.
  //! @throws invalid_argument for another size, out_of_range for a position beyond the kept ones;
  //! nothing is written.
  void write_mask(std::span<const std::uint32_t> positions, std::span<std::uint8_t> mask) const {
    put(positions, mask, [](std::uint8_t& at, std::size_t) { at = 1; });
  }

  //! The same for a value of each position, such as its weight; those of a position that was drawn
  //! several times add up.
  void scatter(std::span<const std::uint32_t> positions, std::span<const float> values,
               std::span<float> out) const {
    if (values.size() != positions.size()) {
      detail::fail<invalid_argument>("token_batch: ", values.size(), " values for ",
                                     positions.size(), " positions");
    }
    put(positions, out, [values](float& at, std::size_t i) { at += values[i]; });
  }

 private:
  static void check(std::size_t rows, std::size_t columns, std::size_t length,
                    std::span<const std::int64_t> ids) {
    if (columns != 0 && rows > 0xffffffffu / columns) {
      detail::fail<invalid_argument>("token_batch: ", rows, " x ", columns,
                                     " tokens: positions have 32 bits");
    }
    if (length < columns || length >> 31 != 0) {
      detail::fail<invalid_argument>("token_batch: rows of ", columns, " tokens, but a length of ",
                                     length, ", it must be from there to 2^31 - 1");
    }
    if (!ids.empty() && ids.size() != rows) {
      detail::fail<invalid_argument>("token_batch: ", ids.size(), " ids for ", rows, " rows");
    }
    const std::int64_t most = (std::numeric_limits<std::int64_t>::max)();
    const std::int64_t end = length == 0 ? most : most / static_cast<std::int64_t>(length);
    for (std::size_t row = 0; row < ids.size(); ++row) {
      if (ids[row] < 0 || ids[row] >= end) {
        detail::fail<out_of_range>("token_batch: the id ", ids[row], " of row ", row,
                                   " is outside of [0, ", end, ")");
      }
    }
  }

  template <class T, class Set>
  void put(std::span<const std::uint32_t> positions, std::span<T> out, Set set) const {
    if (out.size() != size_) {
      detail::fail<invalid_argument>("token_batch: room for ", out.size(), " of ", size_,
                                     " tokens");
    }
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (positions[i] < size()) continue;
      detail::fail<out_of_range>("token_batch: position ", positions[i], " of ", size(), " tokens");
    }
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) set(out[places_[positions[i]]], i);
  }

  detail::buffer<float> losses_;
  detail::buffer<std::int64_t> ids_;
  detail::buffer<std::uint32_t> places_;
  std::size_t size_ = 0;  // rows x columns
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
