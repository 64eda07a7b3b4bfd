// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exact quantiles of many keys by three counting passes, without sorting or copying them.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/key/loss_key.hpp>

#include <algorithm>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Workspace for exact quantiles. Keeps its tables between calls, so that a caller who asks every
//! epoch allocates once: 8 KiB for each value that the keys' upper 11 bits take near a quantile,
//! and at most 32 MiB for the last pass.
class key_quantiles {
 public:
  //! Writes out.size() quantiles of the finite keys among `key_at(0)` … `key_at(count - 1)`,
  //! ascending: entry j is the order statistic of rank floor((2j + 1) N / (2 H)), H = out.size(),
  //! N the number of finite keys, which is returned. Nothing is written when N is 0.
  //! Three passes over the keys (more only for H above 8192 and widely spread keys).
  template <class KeyAt>
  std::uint64_t operator()(std::uint64_t count, KeyAt key_at, std::span<loss_key> out) {
    const auto for_each = [&](auto visit) {
      for (std::uint64_t i = 0; i < count; ++i) {
        const loss_key key = key_at(i);
        if (is_finite(key)) visit(biased(key));
      }
    };

    upper_.assign(2048, 0);
    for_each([&](std::uint32_t key) { ++upper_[key >> 21]; });
    std::uint64_t finite = 0;
    for (const std::uint64_t n : upper_) finite += n;
    if (finite == 0 || out.empty()) return finite;

    targets_.resize(out.size());
    for (std::uint64_t j = 0; j < out.size(); ++j) {
      targets_[j] = {.rank = rank_of(j, finite, out.size())};
    }
    const std::size_t upper_rows = descend(upper_, 11, targets_.begin(), targets_.end());

    middle_.assign(upper_rows * 2048, 0);
    for_each([&](std::uint32_t key) {
      const std::uint64_t row = upper_[key >> 21];
      if (row != none) ++middle_[row * 2048 + ((key >> 10) & 0x7ff)];
    });
    const std::size_t middle_rows = descend(middle_, 11, targets_.begin(), targets_.end());

    target* wanted = targets_.begin();
    for (std::size_t first = 0; first < middle_rows; first += rows_a_pass) {
      const std::size_t rows = (std::min)(rows_a_pass, middle_rows - first);
      lower_.assign(rows * 1024, 0);
      for_each([&](std::uint32_t key) {
        const std::uint64_t upper_row = upper_[key >> 21];
        if (upper_row == none) return;
        const std::uint64_t row = middle_[upper_row * 2048 + ((key >> 10) & 0x7ff)] - first;
        if (row < rows) ++lower_[row * 1024 + (key & 0x3ff)];
      });
      target* here = wanted;
      for (; here != targets_.end() && here->row < first + rows; ++here) here->row -= first;
      descend(lower_, 10, wanted, here);
      wanted = here;
    }
    for (std::size_t j = 0; j < out.size(); ++j) {
      out[j] = static_cast<loss_key>(targets_[j].prefix ^ 0x80000000u);
    }
    return finite;
  }

  //! The rank of quantile j of h among n keys: floor((2j + 1) n / (2 h)), with no product above 64
  //! bits.
  static constexpr std::uint64_t rank_of(std::uint64_t j, std::uint64_t n, std::uint64_t h) {
    const std::uint64_t odd = 2 * j + 1;
    return odd * (n / (2 * h)) + odd * (n % (2 * h)) / (2 * h);
  }

 private:
  //! A wanted order statistic: its rank among the keys of its row, and the digits known so far.
  struct target {
    std::uint64_t rank = 0;
    std::uint64_t row = 0;
    std::uint64_t cell = 0;
    std::uint32_t prefix = 0;
  };

  static constexpr std::uint64_t none = ~std::uint64_t{0};
  static constexpr std::size_t rows_a_pass = 4096;

  static std::uint32_t biased(loss_key key) {
    return static_cast<std::uint32_t>(key) ^ 0x80000000u;
  }

  //! Finds the next digit of each target (ascending) in its row of 2^bits counters. The counters
  //! then become row numbers of the next level, `none` where no target went. Returns the rows.
  static std::size_t descend(detail::buffer<std::uint64_t>& counters, int bits, target* first,
                             target* last) {
    std::uint64_t row = none, digit = 0, before = 0;
    for (target* t = first; t != last; ++t) {
      if (t->row != row) {
        row = t->row;
        digit = before = 0;
      }
      while (t->rank >= before + counters[(row << bits) + digit]) {
        before += counters[(row << bits) + digit++];
      }
      t->rank -= before;
      t->cell = (row << bits) + digit;
      t->prefix = (t->prefix << bits) | static_cast<std::uint32_t>(digit);
    }
    std::fill(counters.begin(), counters.end(), none);
    std::size_t rows = 0;
    for (target* t = first; t != last; ++t) {
      if (counters[t->cell] == none) counters[t->cell] = rows++;
      t->row = counters[t->cell];
    }
    return rows;
  }

  detail::buffer<std::uint64_t> upper_, middle_, lower_;
  detail::buffer<target> targets_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
