// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Disjoint shares of an epoch for several workers, with equal counts and no communication.
#pragma once

#include <gradsieve/error.hpp>
#include <gradsieve/random/bijection.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Which worker of how many.
struct worker {
  std::uint32_t rank = 0;
  std::uint32_t ranks = 1;
};

//! Worker `rank`'s share of n items in the random order of (seed, epoch): floor(n / ranks) of them,
//! the same number for every worker, and no item twice. The n mod ranks last of the order are left
//! out, others in each epoch. O(1) in memory; item i of a share is computed.
//!
//! The items may be examples or, where every worker holds the same ledger, a plan's ids: id i of a
//! worker's part is `plan.train()[shard[i]]` for a shard of `plan.size()` items, the sieve's seed
//! and the plan's epoch. The order is then the plan's own, dealt out like cards (for a sieve of
//! replica 0): the j-th batches of b ids of all r workers are `plan.batches(b r)`'s j-th.
class epoch_shard {
 public:
  //! @throws invalid_argument unless rank < ranks.
  epoch_shard(std::uint64_t n, std::uint64_t seed, std::uint32_t epoch, const worker& who)
      : order_(n, {.seed = seed, .step = epoch, .use = purpose::order}), who_(who) {
    if (who.rank >= who.ranks) {
      detail::fail<invalid_argument>("shard: rank ", who.rank, " of ", who.ranks);
    }
  }

  std::uint64_t size() const { return order_.size() / who_.ranks; }
  //! The item at place i of this share. @pre i < size()
  std::uint64_t operator[](std::uint64_t i) const { return order_(i * who_.ranks + who_.rank); }

 private:
  bijection order_;
  worker who_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
