// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/loss/token_batch.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/select/exactly_k.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/sieve.hpp>

#include <numeric>
#include <set>
#include <vector>

#include "catch.hpp"
#include "support/frequency.hpp"
#include "support/losses.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;
using support::to_vector;

namespace {

using mask = std::vector<std::uint8_t>;
using floats = std::vector<float>;
using ids = std::vector<std::int64_t>;
using positions = std::vector<std::uint32_t>;

mask mask_of(const gs::token_batch& tokens, std::span<const std::uint32_t> selected,
             std::size_t size) {
  mask out(size, 77);
  tokens.write_mask(selected, out);
  return out;
}

const floats losses = {1, 2, 3, 4, 5, 6, 7, 8};  // 2 x 4
const mask keep = {1, 1, 0, 0, 0, 1, 1, 1};

//! The ids of the tokens that a sieve's draws keyed by id select, over several steps.
std::vector<std::set<std::int64_t>> selected_by_id(const gs::loss_matrix<float>& of,
                                                   const mask& kept,
                                                   const gs::token_options& options) {
  gs::poisson select(gs::compile(gs::power{1.0, 0.1}, 16), {.seed = 4});
  const gs::sorted_window window = support::window_of(support::random_losses(16, 9));
  gs::token_batch tokens;
  tokens.assign(of, kept, options);
  std::vector<std::set<std::int64_t>> result;
  for (std::uint32_t step = 0; step < 20; ++step) {
    positions out(tokens.size());
    out.resize(select(tokens.losses(), window.view(), {.step = step, .ids = tokens.ids()}, out));
    result.emplace_back();
    for (const std::uint32_t position : out) result.back().insert(tokens.ids()[position]);
  }
  return result;
}

}  // namespace

TEST_CASE("tokens: the kept ones row by row, with ids and places") {
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 4}, keep);
  CHECK(tokens.size() == 5);
  CHECK(to_vector(tokens.losses()) == floats{1, 2, 6, 7, 8});
  CHECK(to_vector(tokens.places()) == positions{0, 1, 5, 6, 7});
  CHECK(to_vector(tokens.ids()) == ids{0, 1, 5, 6, 7});

  const ids rows = {30, 7};
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 4}, keep, {.ids = rows, .length = 100});
  CHECK(to_vector(tokens.ids()) == ids{3000, 3001, 701, 702, 703});
  CHECK(to_vector(tokens.places()) == positions{0, 1, 5, 6, 7});

  // Another batch, without a mask, and a stride between its rows.
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 3, 4});
  CHECK(to_vector(tokens.losses()) == floats{1, 2, 3, 5, 6, 7});
  CHECK(to_vector(tokens.places()) == positions{0, 1, 2, 3, 4, 5});
  CHECK(mask_of(tokens, positions{2, 3}, 6) == mask{0, 0, 1, 1, 0, 0});
}

TEST_CASE("tokens: the mask is 1 at the places selected, values stand beside it") {
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 4}, keep);
  CHECK(mask_of(tokens, positions{1, 2, 4}, 8) == mask{0, 1, 0, 0, 0, 1, 0, 1});
  floats weights(8, 77.0f);
  tokens.scatter(positions{1, 2, 4}, floats{0.5f, 2, 3}, weights);
  CHECK(weights == floats{0, 0.5f, 0, 0, 0, 2, 0, 3});
  CHECK(mask_of(tokens, {}, 8) == mask(8, 0));
  // Drawn with replacement: repeats add up, a mask knows only whether.
  tokens.scatter(positions{3, 3, 4}, floats{0.5f, 0.5f, 3}, weights);
  CHECK(weights == floats{0, 0, 0, 0, 0, 0, 1, 3});
  CHECK(mask_of(tokens, positions{3, 3, 4}, 8) == mask{0, 0, 0, 0, 0, 0, 1, 1});
}

TEST_CASE("tokens: losses of every floating type, with their NaN") {
  gs::token_batch tokens;
  const std::vector<gs::float16_bits> halves = {{0x3c00}, {0x7e00}, {0x4000}};
  tokens.assign(gs::loss_matrix<gs::float16_bits>{halves.data(), 1, 3});
  CHECK(tokens.losses()[0] == 1);
  CHECK_FALSE(gs::is_finite(gs::to_key(tokens.losses()[1])));
  CHECK(tokens.losses()[2] == 2);
  const std::vector<gs::bfloat16_bits> brain = {{0x3f80}, {0x40c0}};
  tokens.assign(gs::loss_matrix<gs::bfloat16_bits>{brain.data(), 2, 1});
  CHECK(to_vector(tokens.losses()) == floats{1, 6});
  const std::vector<double> doubles = {0.1, 1e300};
  tokens.assign(gs::loss_matrix<double>{doubles.data(), 1, 2});
  CHECK(tokens.losses()[0] == 0.1f);
  CHECK(gs::is_finite(gs::to_key(tokens.losses()[1])));
  // A subnormal stays what it is under every flag.
  const floats small = {support::float_of(3)};
  tokens.assign(gs::loss_matrix<float>{small.data(), 1, 1});
  CHECK(gs::float_bits(tokens.losses()[0]) == 3);
}

TEST_CASE("tokens: with a sieve, ignored tokens enter no history and are not counted") {
  gs::sieve sieve({.policy = gs::step{.threshold = 0.5, .below = 0, .above = 1}, .history = 5});
  const floats padded = {1, 2, support::nan_f(), 900, 900, 6, 7, 8};
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{padded.data(), 2, 4}, keep);
  const auto picked = sieve.pick(tokens.ids(), tokens.losses());
  // Percentiles 0, .2, .4, .6, .8.
  CHECK(mask_of(tokens, picked.positions(), 8) == mask{0, 0, 0, 0, 0, 0, 1, 1});
  CHECK(to_vector(picked.ids()) == ids{6, 7});
  CHECK(sieve.history().quantile(1) == 8);
  CHECK(sieve.work().non_finite == 0);
  CHECK(sieve.work().forwards == 5);
  CHECK(sieve.work().skipped == 3);
}

TEST_CASE("tokens: a kept NaN is the sieve's to skip and to count") {
  gs::sieve sieve({.history = 8});
  const floats some = {1, support::nan_f(), 3, 4};
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{some.data(), 2, 2});
  const auto picked = sieve.pick(tokens.ids(), tokens.losses());
  CHECK(mask_of(tokens, picked.positions(), 4) == mask{1, 0, 1, 1});
  CHECK(sieve.work().non_finite == 1);
}

TEST_CASE("tokens: rows and batches without a kept token") {
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 4}, mask{0, 0, 0, 0, 1, 0, 0, 0});
  CHECK(to_vector(tokens.places()) == positions{4});
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 4}, mask(8, 0));
  CHECK(tokens.size() == 0);
  gs::sieve sieve({.history = 8});
  const auto picked = sieve.pick(tokens.ids(), tokens.losses());
  CHECK(picked.empty());
  CHECK(mask_of(tokens, picked.positions(), 8) == mask(8, 0));
  tokens.assign(gs::loss_matrix<float>{nullptr, 0, 4});
  CHECK(mask_of(tokens, {}, 0).empty());
  tokens.assign(gs::loss_matrix<float>{nullptr, 3, 0});
  CHECK(tokens.size() == 0);
}

TEST_CASE("tokens: keyed by id, a token is decided alike wherever its row stands") {
  const floats block = support::random_losses(40, 5);
  const ids rows = {70, 8, 9, 3};
  const gs::loss_matrix<float> whole{block.data(), 4, 10};
  const auto expected = selected_by_id(whole, {}, {.ids = rows, .length = 16});

  // The rows in another order.
  floats turned;
  for (std::size_t r = 4; r-- > 0;) turned.insert(turned.end(), whole.row(r), whole.row(r) + 10);
  const ids backwards = {3, 9, 8, 70};
  CHECK(selected_by_id({turned.data(), 4, 10}, {}, {.ids = backwards, .length = 16}) == expected);

  // In two batches, the second with more padding.
  floats padded;
  mask real;
  for (std::size_t r = 2; r < 4; ++r) {
    padded.insert(padded.end(), whole.row(r), whole.row(r) + 10);
    padded.insert(padded.end(), 4, 0.5f);
    real.insert(real.end(), 10, 1);
    real.insert(real.end(), 4, 0);
  }
  auto halves = selected_by_id({block.data(), 2, 10}, {}, {.ids = ids{70, 8}, .length = 16});
  const auto rest = selected_by_id({padded.data(), 2, 14}, real, {.ids = ids{9, 3}, .length = 16});
  for (std::size_t step = 0; step < halves.size(); ++step) {
    halves[step].insert(rest[step].begin(), rest[step].end());
  }
  CHECK(halves == expected);

  // With some tokens ignored, the others are decided as before.
  mask odd(40);
  for (std::size_t i = 0; i < 40; ++i) odd[i] = static_cast<std::uint8_t>(i % 2);
  const auto fewer = selected_by_id(whole, odd, {.ids = rows, .length = 16});
  for (std::size_t step = 0; step < fewer.size(); ++step) {
    auto left = expected[step];
    std::erase_if(left, [](std::int64_t id) { return id % 16 % 2 == 0; });
    REQUIRE(fewer[step] == left);
  }
  CHECK(selected_by_id(whole, {}, {.ids = ids{71, 8, 9, 3}, .length = 16}) != expected);
}

TEST_CASE("tokens: a sieve keyed by id decides as the sampler on the same window") {
  const floats block = support::random_losses(60, 6);
  mask real(60, 1);
  for (std::size_t i = 0; i < 60; i += 7) real[i] = 0;
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{block.data(), 6, 10}, real);

  gs::sieve sieve({.policy = gs::power{1.0}, .history = 32, .seed = 3, .keying = gs::draw_by::id});
  const auto picked = sieve.pick(tokens.ids(), tokens.losses());
  gs::poisson select(gs::compile(gs::power{1.0}, 32), {.seed = 3});
  positions out(tokens.size());
  out.resize(
      select(tokens.losses(), sieve.history().view(), {.step = 0, .ids = tokens.ids()}, out));
  CHECK(to_vector(picked.positions()) == out);
  CHECK_FALSE(out.empty());
}

TEST_CASE("tokens: exactly k and the top k of the kept ones") {
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 4}, keep);
  positions out(tokens.size());
  out.resize(gs::top_k_selector(2).over(tokens.losses(), out));
  CHECK(mask_of(tokens, out, 8) == mask{0, 0, 0, 0, 0, 0, 1, 1});

  gs::exactly_k some(gs::compile(gs::power{1.0}, 8), {}, gs::exactly_k_selector(3));
  const gs::sorted_window window = support::window_of(support::ramp(8));
  out.assign(tokens.size(), 0u);
  out.resize(some(tokens.losses(), window.view(), {}, out));
  const mask chosen = mask_of(tokens, out, 8);
  CHECK(std::accumulate(chosen.begin(), chosen.end(), 0) == 3);
  for (std::size_t i = 0; i < 8; ++i) CHECK(chosen[i] <= keep[i]);
}

// |z| < 4.4: two-sided alpha 1.1e-5, n = 20000 steps.
TEST_CASE("tokens: weighted by the inverse, the sum over the kept is estimated without bias") {
  const floats block = support::random_losses(24, 1);
  mask real(24, 1);
  for (std::size_t i = 0; i < 24; i += 5) real[i] = 0;
  double truth = 0;
  for (std::size_t i = 0; i < 24; ++i) truth += real[i] * double{block[i]};
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{block.data(), 4, 6}, real);
  gs::poisson select(gs::compile(gs::power{2.0, 0.1}, 16), {.seed = 8});
  const gs::sorted_window window = support::window_of(support::random_losses(16, 2));
  positions out(tokens.size());
  floats p(tokens.size()), w(tokens.size()), placed(24);
  support::running_mean weighted;
  for (std::uint32_t step = 0; step < 20000; ++step) {
    const std::size_t n =
        select(tokens.losses(), window.view(), {.step = step, .ids = tokens.ids()}, out);
    const auto selected = std::span(out).first(n);
    select.inclusion(selected, window.view(), p);
    gs::write_weights(std::span(p).first(n), gs::normalisation::unbiased, {},
                      std::span(w).first(n));
    tokens.scatter(selected, std::span(w).first(n), placed);
    weighted.add(std::inner_product(placed.begin(), placed.end(), block.begin(), 0.0));
  }
  CHECK(std::abs(weighted.z(truth)) < 4.4);
}

TEST_CASE("tokens: ids are 64 bits wide: 2^24 + 1, 2^32 + 1, and the last there can be") {
  gs::token_batch tokens;
  const std::int64_t large = std::int64_t{1} << 32;
  const ids rows = {(std::int64_t{1} << 24) + 1, large + 1};
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 4}, {}, {.ids = rows});
  CHECK(tokens.ids()[0] == 4 * ((std::int64_t{1} << 24) + 1));
  CHECK(tokens.ids()[7] == 4 * (large + 1) + 3);

  const std::int64_t end = std::numeric_limits<std::int64_t>::max() / 4;
  tokens.assign(gs::loss_matrix<float>{losses.data(), 1, 4}, {}, {.ids = ids{end - 1}});
  CHECK(tokens.ids()[3] == 4 * (end - 1) + 3);
}

TEST_CASE("tokens: what does not fit is refused by name and value, and nothing changed") {
  gs::token_batch tokens;
  tokens.assign(gs::loss_matrix<float>{losses.data(), 2, 4}, keep);
  const auto run = [&](std::size_t rows, std::size_t columns, const mask& kept,
                       const gs::token_options& options = {}) {
    tokens.assign(gs::loss_matrix<float>{losses.data(), rows, columns}, kept, options);
  };
  CHECK_THROWS_AS(run(2, 4, mask(7, 1)), gs::invalid_argument);
  CHECK_THROWS_WITH(run(2, 4, mask(7, 1)), contains("token_batch") && contains("mask of 7"));
  CHECK_THROWS_AS(run(65536, 65536, {}), gs::invalid_argument);
  CHECK_THROWS_WITH(run(65536, 65536, {}), contains("65536 x 65536") && contains("32 bits"));
  CHECK_THROWS_AS(run(2, 4, {}, {.length = 3}), gs::invalid_argument);
  CHECK_THROWS_WITH(run(2, 4, {}, {.length = 3}), contains("rows of 4") && contains("length of 3"));
  CHECK_THROWS_AS(run(2, 4, {}, {.length = std::size_t{1} << 31}), gs::invalid_argument);
  CHECK_THROWS_AS(run(2, 4, {}, {.ids = ids{1}}), gs::invalid_argument);
  CHECK_THROWS_WITH(run(2, 4, {}, {.ids = ids{1}}), contains("1 ids") && contains("2 rows"));
  CHECK_THROWS_AS(run(2, 4, {}, {.ids = ids{0, -1}}), gs::out_of_range);
  CHECK_THROWS_WITH(run(2, 4, {}, {.ids = ids{0, -1}}), contains("id -1 of row 1"));
  const std::int64_t end = std::numeric_limits<std::int64_t>::max() / 4;
  CHECK_THROWS_AS(run(2, 4, {}, {.ids = ids{0, end}}), gs::out_of_range);

  mask small(7, 77);
  floats out(8, 77.0f);
  CHECK_THROWS_AS(tokens.write_mask(positions{0}, small), gs::invalid_argument);
  CHECK_THROWS_WITH(tokens.write_mask(positions{0}, small), contains("room for 7 of 8"));
  CHECK_THROWS_AS(tokens.scatter(positions{0, 5}, floats{1, 2}, out), gs::out_of_range);
  CHECK_THROWS_WITH(tokens.scatter(positions{0, 5}, floats{1, 2}, out),
                    contains("position 5 of 5"));
  CHECK_THROWS_AS(tokens.scatter(positions{0}, floats{1, 2}, out), gs::invalid_argument);
  CHECK_THROWS_WITH(tokens.scatter(positions{0}, floats{1, 2}, out),
                    contains("2 values for 1 positions"));
  CHECK(small == mask(7, 77));
  CHECK(out == floats(8, 77.0f));
  CHECK(to_vector(tokens.places()) == positions{0, 1, 5, 6, 7});
}
