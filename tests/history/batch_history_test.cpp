// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/history/batch_history.hpp>
#include <gradsieve/sieve.hpp>

#include <vector>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

std::vector<gs::loss_key> sorted_keys(const gs::batch_history& history) {
  std::vector<gs::loss_key> out(history.size());
  history.write_sorted_keys(out);
  return out;
}

}  // namespace

TEST_CASE("batch history: the last batch alone, sorted, without what is not finite") {
  gs::batch_history history(4);
  CHECK(history.size() == 0);
  history.push_keys(support::keys_of({3, 1, 2}));
  CHECK(sorted_keys(history) == support::keys_of({1, 2, 3}));
  history.push_keys(support::keys_of({5, support::nan_f(), 4}));
  CHECK(sorted_keys(history) == support::keys_of({4, 5}));
  history.push_keys(support::keys_of({9, 8, 7, 6, 5}));  // longer than the history: the last ones
  CHECK(sorted_keys(history) == support::keys_of({5, 6, 7, 8}));
  history.push_keys({});
  CHECK(history.size() == 0);
}

TEST_CASE("batch history: a capacity of 0 or above 2^24 is refused") {
  CHECK_THROWS_AS(gs::batch_history(0), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::batch_history((1 << 24) + 1), contains("16777217"));
}

TEST_CASE("batch history: a sieve with one ranks within the batch, and is resumed") {
  using sieve = gs::basic_sieve<gs::batch_history>;
  const gs::sieve_options options{.policy = gs::power{1}, .history = 8, .min_fill = 1, .seed = 4};
  sieve whole(options), first(options);
  for (std::uint32_t step = 0; step < 10; ++step) {
    const auto losses = support::random_losses(step % 3 == 0 ? 8 : 5, step);
    const auto selected = support::to_vector(whole.pick(losses).positions());
    sieve second(options);
    second.load(first.save());
    CHECK(support::to_vector(second.pick(losses).positions()) == selected);
    first.pick(losses);
  }
  // Percentiles 3/4, 0, 1/2, 1/4 under the identity, whatever came before.
  const auto picked = whole.pick(std::vector<float>{9, 1, 5, 2});
  for (std::size_t i = 0; i < picked.size(); ++i) {
    const double p[] = {.75, 0, .5, .25};
    CHECK(picked.probabilities()[i] == Approx(p[picked.positions()[i]]));
  }
}

TEST_CASE("batch history: keys out of order, too many or not finite are refused by read") {
  const auto refused = [](const std::vector<gs::loss_key>& keys, std::uint64_t capacity = 2) {
    gs::byte_writer out;
    out.put(capacity);
    out.put(std::span<const gs::loss_key>(keys));
    gs::byte_reader in(out.view().data(), out.view().size());
    gs::batch_history history(2);
    try {
      history.read(in);
    } catch (const gs::state_error&) {
      return history.size() == 0;
    }
    return false;
  };
  CHECK_FALSE(refused({1, 2}));
  CHECK(refused({2, 1}));
  CHECK(refused({1, 2, 3}));
  CHECK(refused({gs::key_never}));
  CHECK(refused({1}, 3));
}
