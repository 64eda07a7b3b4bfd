// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exact quantiles of many keys by two counting passes, without sorting or copying them.
#pragma once

#include <gradsieve/history/lower_counts.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Workspace for exact quantiles. Keeps its tables between calls, so that a caller who asks every
//! epoch allocates once: 8 KiB for each value that the keys' upper 11 bits take, at most 4 KiB for
//! each quantile (16 MiB in all), and 0.8 MiB. On several threads each of up to 16 parts has tables
//! of its own.
// NOLINTNEXTLINE: clang-tidy 14 names the variable of the loop that copies an array
class key_quantiles {
 public:
  //! Writes out.size() quantiles of the finite keys among `key_at(0)` … `key_at(count - 1)`,
  //! ascending: entry j is the order statistic of rank floor((2j + 1) N / (2 H)), H = out.size(),
  //! N the number of finite keys, which is returned. Nothing is written when N is 0.
  //! Two passes over the keys (more only for H above 4096 and widely spread keys).
  //! @pre count < 2^36
  template <class KeyAt>
  std::uint64_t operator()(std::uint64_t count, KeyAt key_at, detail::slice<loss_key> out) {
    return (*this)(detail::parts(count), key_at, out);
  }
  //! The same, whoever runs the parts; `key_at` is called by all of them.
  template <class KeyAt>
  std::uint64_t operator()(const detail::parts& parts, KeyAt key_at, detail::slice<loss_key> out) {
    parts.for_each([&](std::size_t part) {
      upper_[part].clear();
      upper_[part].add(parts.begin(part), parts.end(part), key_at);
    });
    const std::uint64_t finite = sum_rows(parts.count());
    if (finite == 0 || out.empty()) return finite;
    find_upper(parts.count(), finite, out.size());

    const std::size_t rows_a_pass = (std::max)(most_rows / parts.count(), least_rows);
    for (std::size_t first = 0; first < wanted_.size(); first += rows_a_pass) {
      const std::size_t last = (std::min)(first + rows_a_pass, wanted_.size());
      parts.for_each([&](std::size_t part) {
        prepare(part, first, last);
        lower_[part].add(parts.begin(part), parts.end(part), key_at, members_);
      });
      find_lower(parts.count(), first, last, out);
    }
    return finite;
  }

  //! The rank of quantile j of h among n keys: floor((2j + 1) n / (2 h)), with no product above 64
  //! bits.
  GRADSIEVE_HOST_DEVICE static constexpr std::uint64_t rank_of(std::uint64_t j, std::uint64_t n,
                                                               std::uint64_t h) {
    const std::uint64_t odd = 2 * j + 1;
    return odd * (n / (2 * h)) + odd * (n % (2 * h)) / (2 * h);
  }

 private:
  static constexpr std::size_t most_rows = 4096, least_rows = 1024;

  //! A wanted order statistic: the place of its upper digits in `wanted_`, and its rank among the
  //! keys that have them.
  struct target {
    std::uint32_t row = 0;
    std::uint64_t rank = 0;
  };

  //! How many keys each row has, and all together.
  std::uint64_t sum_rows(std::size_t parts) {
    row_sums_.assign(detail::upper_counts::rows, 0);
    std::uint64_t all = 0;
    for (std::uint32_t upper = 0; upper < row_sums_.size(); ++upper) {
      for (std::size_t part = 0; part < parts; ++part) {
        const std::uint32_t* row = upper_[part].row(upper);
        if (row == nullptr) continue;
        for (std::uint32_t i = 0; i < detail::upper_counts::columns; ++i) {
          row_sums_[upper] += row[i];
        }
      }
      all += row_sums_[upper];
    }
    return all;
  }

  //! Finds the upper digits of each of `quantiles` targets.
  void find_upper(std::size_t parts, std::uint64_t finite, std::size_t quantiles) {
    targets_.clear();
    wanted_.clear();
    counts_.clear();
    std::uint64_t before = 0;
    for (std::uint32_t upper = 0; targets_.size() < quantiles; ++upper) {
      detail::row_walk walk(before);
      for (std::size_t part = 0; part < parts; ++part) walk.add(upper_[part].row(upper));
      before += row_sums_[upper];
      while (targets_.size() < quantiles) {
        const std::uint64_t rank = rank_of(targets_.size(), finite, quantiles);
        if (rank >= before) break;
        const std::uint32_t digits = upper * detail::upper_counts::columns + walk.find(rank);
        if (wanted_.empty() || wanted_.back() != digits) {
          wanted_.push_back(digits);
          counts_.push_back(walk.count());
        }
        targets_.push_back({static_cast<std::uint32_t>(wanted_.size() - 1), rank - walk.before()});
      }
    }
    members_.assign(wanted_);
  }

  void prepare(std::size_t part, std::size_t first, std::size_t last) {
    lower_[part].clear(static_cast<std::uint32_t>(first));
    for (std::size_t row = first; row < last; ++row) {
      lower_[part].add_row(listed(row), upper_[part].count(wanted_[row]));
    }
  }
  bool listed(std::size_t row) const { return counts_[row] <= detail::lower_counts::most_listed; }

  //! Writes the quantiles whose upper digits stand in the places `first` … `last - 1` of `wanted_`.
  void find_lower(std::size_t parts, std::size_t first, std::size_t last,
                  detail::slice<loss_key> out) {
    std::size_t j = 0;
    while (targets_[j].row < first) ++j;
    for (auto row = static_cast<std::uint32_t>(first); row < last; ++row) {
      detail::row_walk walk;
      detail::short_list list;
      for (std::size_t part = 0; part < parts; ++part) {
        if (!listed(row)) walk.add(lower_[part].row(row));
        if (listed(row)) list.add(lower_[part].row(row), lower_[part].listed(row));
      }
      for (; j < out.size() && targets_[j].row == row; ++j) {
        const std::uint64_t rank = targets_[j].rank;
        const std::uint32_t key = listed(row) ? list[rank] : wanted_[row] << 10 | walk.find(rank);
        out[j] = static_cast<loss_key>(key ^ 0x80000000u);
      }
    }
  }

  detail::upper_counts upper_[detail::parts::most];
  detail::lower_counts lower_[detail::parts::most];
  detail::buffer<target> targets_;
  detail::buffer<std::uint32_t> wanted_;  // the upper digits of quantiles, ascending
  detail::buffer<std::uint64_t> counts_;  // the keys that have each of them
  detail::digit_set members_;             // the same digits
  detail::buffer<std::uint64_t> row_sums_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
