// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/loss/columns.hpp>
#include <gradsieve/policy/step.hpp>
#include <gradsieve/sieve.hpp>

#include <array>
#include <deque>
#include <vector>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/random_source.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::combination;
using support::to_vector;

namespace {

using mask = std::vector<std::uint8_t>;
using floats = std::vector<float>;

bool is_nan(float value) { return (gs::float_bits(value) & 0x7fffffffu) > 0x7f800000u; }

//! Columns that keep their past as plain numbers and rank by counting.
class model {
 public:
  model(std::size_t columns, std::size_t history, std::vector<double> weights, combination how)
      : past_(columns), history_(history), weights_(std::move(weights)), how_(how) {}

  //! -1 for an example without a score.
  std::vector<double> scores(const floats& losses, const mask& keep, std::size_t rows) {
    const std::size_t columns = past_.size();
    const auto here = [&](std::size_t at) { return keep.empty() || keep[at] != 0; };
    for (std::size_t c = 0; c < columns; ++c) {
      floats batch;
      for (std::size_t r = 0; r < rows; ++r) {
        if (here(r * columns + c)) batch.push_back(losses[r * columns + c]);
      }
      const std::size_t tail = std::min(batch.size(), history_);
      for (const float loss : std::span(batch).last(tail)) {
        if (is_nan(loss)) continue;
        past_[c].push_back(loss);
        if (past_[c].size() > history_) past_[c].pop_front();
      }
    }
    std::vector<double> result;
    for (std::size_t r = 0; r < rows; ++r) {
      double sum = 0, weight = 0, most = 0;
      bool fault = false;
      for (std::size_t c = 0; c < columns; ++c) {
        const float loss = losses[r * columns + c];
        if (!here(r * columns + c)) continue;
        if (is_nan(loss)) {
          fault = true;
          continue;
        }
        double below = 0;
        for (const float other : past_[c]) below += other < loss ? 1 : 0;
        const double percentile = below / static_cast<double>(past_[c].size());
        sum += weights_[c] * percentile;
        weight += weights_[c];
        most = std::max(most, percentile);
      }
      result.push_back(fault || weight <= 0 ? -1 : how_ == combination::mean ? sum / weight : most);
    }
    return result;
  }

 private:
  std::vector<std::deque<float>> past_;
  std::size_t history_;
  std::vector<double> weights_;
  combination how_;
};

floats filled(gs::loss_columns& columns, const floats& losses, std::size_t rows) {
  return to_vector(columns.scores(gs::loss_matrix<float>{losses.data(), rows, columns.size()}));
}

}  // namespace

TEST_CASE("columns: the mean and the maximum of the percentiles, by hand") {
  // Two tasks on scales of their own: percentiles 0 .25 .5 .75 and .75 .5 0 .25.
  const floats losses = {0.1f, 400, 0.2f, 300, 0.3f, 100, 0.4f, 200};
  gs::loss_columns mean(2, {.history = 8});
  CHECK(filled(mean, losses, 4) == floats{0.375f, 0.375f, 0.25f, 0.5f});
  gs::loss_columns weighted(2, {.history = 8, .weights = {3, 1}});
  CHECK(filled(weighted, losses, 4) == floats{0.1875f, 0.3125f, 0.375f, 0.625f});
  gs::loss_columns most(2, {.history = 8, .how = combination::max});
  CHECK(filled(most, losses, 4) == floats{0.75f, 0.5f, 0.5f, 0.75f});
}

TEST_CASE("columns: one column is its loss's percentile") {
  gs::loss_columns one(1, {.history = 4});
  CHECK(filled(one, {1, 2, 3, 4}, 4) == floats{0, 0.25f, 0.5f, 0.75f});
  CHECK(filled(one, {9, 3.5f}, 2) == floats{0.75f, 0.25f});  // of 3 4 9 3.5
}

TEST_CASE("columns: a matrix, a padded one, and a vector for each column are the same") {
  const floats first = {0.5f, 0.1f, 0.9f};
  const std::vector<double> second = {7, 8, 9};
  const floats packed = {0.5f, 7, 0.1f, 8, 0.9f, 9};
  const floats padded = {0.5f, 7, -1, 0.1f, 8, -1, 0.9f, 9, -1};
  gs::loss_columns a(2, {.history = 8}), b(2, {.history = 8}), c(2, {.history = 8});
  const floats expected = filled(a, packed, 3);
  CHECK(to_vector(b.scores(gs::loss_matrix<float>{padded.data(), 3, 2, 3})) == expected);
  CHECK(to_vector(c.scores(first, second)) == expected);
  CHECK(a.save() == c.save());

  const std::vector<gs::float16_bits> halves = {{0x3c00}, {0x4000}, {0x3800}, {0x4200}};
  const floats wide = {1, 2, 0.5f, 3};
  gs::loss_columns d(2, {.history = 8}), e(2, {.history = 8});
  CHECK(to_vector(d.scores(gs::loss_matrix<gs::float16_bits>{halves.data(), 2, 2})) ==
        filled(e, wide, 2));
}

TEST_CASE("columns: what plain counting says, with masks, NaN, ties and filling windows") {
  const std::size_t columns = GENERATE(1u, 2u, 5u);
  const combination how = GENERATE(combination::mean, combination::max);
  const std::size_t history = GENERATE(1u, 7u, 64u);
  support::random_source source(columns * 100 + history);
  gs::column_options options{.history = history, .how = how};
  std::vector<double> weights(columns, 1);
  if (how == combination::mean && columns > 1) {
    for (double& weight : weights) {
      options.weights.push_back(1 + static_cast<std::uint32_t>(source.below(9)));
      weight = options.weights.back();
    }
  }
  gs::loss_columns scored(columns, options);
  model plain(columns, history, weights, how);
  for (int step = 0; step < 60; ++step) {
    const std::size_t rows = source.below(12);
    floats losses(rows * columns);
    for (float& loss : losses) {
      loss = source.below(11) == 0 ? support::nan_f() : static_cast<float>(source.below(20)) - 5;
    }
    mask keep;
    if (step % 2 == 1) {
      for (std::size_t i = 0; i < losses.size(); ++i) {
        keep.push_back(static_cast<std::uint8_t>(source.below(3) == 0 ? 0 : 1 + source.below(2)));
      }
    }
    const std::vector<double> expected = plain.scores(losses, keep, rows);
    const auto scores = scored.scores(gs::loss_matrix<float>{losses.data(), rows, columns}, keep);
    REQUIRE(scores.size() == rows);
    for (std::size_t r = 0; r < rows; ++r) {
      REQUIRE(is_nan(scores[r]) == (expected[r] < 0));
      if (expected[r] >= 0) REQUIRE(double{scores[r]} == Approx(expected[r]).margin(1e-7));
    }
  }
}

TEST_CASE("columns: a NaN is a fault, a loss that the mask leaves out is not there") {
  for (const float bad : {support::nan_f(), support::negative_nan_f(), support::infinity_f(),
                          support::negative_infinity_f(), support::float_of(0xffffffffu),
                          support::float_of(0x7fffffffu)}) {
    const floats losses = {1, bad, 2, 5, 3, 4};
    gs::loss_columns with(2, {.history = 8}), without(2, {.history = 8});
    const floats faulty = filled(with, losses, 3);
    CHECK(is_nan(faulty[0]));
    CHECK(faulty[1] == Approx(5 / 12.0));  // ranks 1 of 3 and 1 of 2
    CHECK(with.history(1).rejected() == 1);
    CHECK(with.history(1).size() == 2);

    const mask keep = {1, 0, 1, 1, 0, 0};
    const auto left = without.scores(gs::loss_matrix<float>{losses.data(), 3, 2}, keep);
    CHECK(left[0] <= 0);  // rank 0 of 2 in the one that is left
    CHECK(left[1] == Approx(0.25));
    CHECK(is_nan(left[2]));
    CHECK(without.history(0).size() == 2);
    CHECK(without.history(1).size() == 1);
    CHECK(without.history(1).rejected() == 0);
  }
}

TEST_CASE("columns: percentiles that add up to a half are a half, whatever was cut off") {
  // Of three: thirds are cut off at 2^-32, their sum must not end below 2^-1.
  gs::loss_columns thirds(2, {.history = 3});
  const floats scores = filled(thirds, {1, 3, 2, 2, 3, 1}, 3);
  CHECK(scores[0] == scores[2]);
  CHECK(scores[1] == scores[0]);  // 0 + 2, 1 + 1 and 2 + 0 thirds
  gs::loss_columns halves(2, {.history = 6});
  // Ranks 1 of 3 beside 4 of 6: one half.
  halves.scores(floats{1, 2, 3}, floats{1, 2, 3});
  const mask keep = {0, 1, 0, 1, 1, 1};
  const floats more = {9, 4, 9, 5, 2, 4.5f};
  const auto last = halves.scores(gs::loss_matrix<float>{more.data(), 3, 2}, keep);
  CHECK(last[2] == Approx((1 / 4.0 + 4 / 6.0) / 2));
}

TEST_CASE("columns: the largest weights and windows, in 64 bits") {
  const std::uint32_t half = 0x7fffffffu;
  gs::loss_columns heavy(2, {.history = 2, .weights = {half, half + 1}});
  const floats low = {1, 1, 0, 0};
  CHECK(filled(heavy, low, 2) == floats{0.5f, 0});
  // Below all of the past, and above: no score leaves [0, 1].
  gs::loss_columns wide(3, {.history = 1000});
  floats ramp;
  for (std::size_t i = 0; i < 1000; ++i) ramp.insert(ramp.end(), 3, static_cast<float>(i));
  const floats scores = filled(wide, ramp, 1000);
  CHECK(scores.front() <= 0);
  CHECK(scores.back() == Approx(0.999));
  for (std::size_t i = 1; i < scores.size(); ++i) REQUIRE(scores[i] > scores[i - 1]);
}

TEST_CASE("columns: pinned to the bit, on every compiler and under every flag") {
  gs::loss_columns tasks(3, {.history = 7, .weights = {1, 2, 4}});
  const floats losses = {1, 5, 9, 2, 3, 8, 3, 4, 7, 0, 2, 6, 5, 1, 5};
  std::vector<std::uint32_t> bits;
  for (const float score : filled(tasks, losses, 5)) bits.push_back(gs::float_bits(score));
  // 25, 18, 17, 6 and 4 of 35.
  CHECK(bits == std::vector<std::uint32_t>{0x3f36db6eu, 0x3f03a83bu, 0x3ef8af8au, 0x3e2f8af8u,
                                           0x3dea0ea0u});
}

TEST_CASE("columns: scores go where a loss would; a faulty example is skipped, an easy one rests") {
  gs::loss_columns tasks(2, {.history = 64});
  gs::sieve sieve({.policy = gs::step{.threshold = 0.5, .below = 0, .above = 1}, .history = 63});
  const std::vector<std::int64_t> ids = support::ids_from(0, 64);
  floats segmentation = support::random_losses(64, 1), depth(64);
  for (std::size_t i = 0; i < 64; ++i) depth[i] = segmentation[i] * 1000;
  depth[0] = support::nan_f();
  const auto selected = sieve.pick(ids, tasks.scores(segmentation, depth));
  CHECK(selected.size() == 31);  // ranks 32 to 62 of 63
  for (const std::int64_t id : selected.ids()) CHECK(id != 0);
  CHECK(sieve.work().non_finite == 1);
}

namespace {

//! A history that never changes: the keys of 10, 20, 30, or nothing.
struct frozen {
  std::size_t entries = 3;

  void push_keys(std::span<const gs::loss_key>) {}
  std::size_t size() const { return entries; }
  std::size_t capacity() const { return 3; }
  void write_sorted_keys(std::span<gs::loss_key> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = gs::to_key(static_cast<float>(10 * (i + 1)));
    }
  }
};

}  // namespace

TEST_CASE("columns: with a history of one's own; while it holds nothing, percentiles are 0") {
  gs::basic_loss_columns<frozen> tasks(2, {}, frozen{});
  const auto scores = tasks.scores(floats{5, 35, 15}, floats{5, 35, 25});
  CHECK(scores[0] <= 0);
  CHECK(scores[1] == 1);
  CHECK(scores[2] == Approx(0.5));
  CHECK(tasks.history(1).capacity() == 3);
  gs::basic_loss_columns<frozen> empty(1, {}, frozen{0});
  const auto none = empty.scores(floats{5, support::nan_f()});
  CHECK(none[0] <= 0);
  CHECK(is_nan(none[1]));
}

TEST_CASE("columns: saved and loaded, they score as those that went on") {
  gs::loss_columns run(3, {.history = 9, .weights = {1, 2, 3}});
  for (std::uint32_t step = 0; step < 6; ++step) {
    gs::loss_columns resumed(3, {.history = 9, .weights = {1, 2, 3}});
    resumed.load(run.save());
    CHECK(resumed.save() == run.save());
    const floats losses = support::random_losses(12, step);
    CHECK(filled(resumed, losses, 4) == filled(run, losses, 4));
  }
}

TEST_CASE("columns: bytes of other columns, or damaged ones, are refused and change nothing") {
  gs::loss_columns saved(2, {.history = 3, .weights = {1, 2}});
  saved.scores(floats{1, 2}, floats{3, 4});
  CHECK(support::damages_accepted(saved, saved.save()) == 0);

  gs::loss_columns more(3, {.history = 3}), other(2, {.history = 3, .weights = {2, 1}});
  gs::loss_columns most(2, {.history = 3, .how = combination::max});
  gs::loss_columns longer(2, {.history = 4, .weights = {1, 2}});
  for (gs::loss_columns* wrong : {&more, &other, &most, &longer}) {
    CHECK(support::refuses(*wrong, saved.save()));
  }
  CHECK_THROWS_WITH(more.load(saved.save()), contains("column count of 2") && contains("has 3"));
  CHECK_THROWS_WITH(other.load(saved.save()), contains("weight of 1") && contains("has 2"));
  CHECK_THROWS_WITH(most.load(saved.save()), contains("combination of 0"));
  CHECK_THROWS_WITH(longer.load(saved.save()), contains("history of 3") && contains("has 4"));
  CHECK_THROWS_WITH(saved.load(saved.history(0).save()), contains("of kind 1"));
}

TEST_CASE("columns: options that cannot be right are refused by name and value") {
  const auto make = [](std::size_t columns, const gs::column_options& options) {
    return gs::loss_columns(columns, options).size();
  };
  CHECK_THROWS_AS(make(0, {}), gs::invalid_argument);
  CHECK_THROWS_WITH(make(0, {}), contains("0 columns"));
  CHECK_THROWS_AS(make(2, {.history = 0}), gs::invalid_argument);
  CHECK_THROWS_AS(make(2, {.weights = {1}}), gs::invalid_argument);
  CHECK_THROWS_WITH(make(2, {.weights = {1}}), contains("1 weights") && contains("2 columns"));
  CHECK_THROWS_AS(make(2, {.weights = {1, 0}}), gs::invalid_argument);
  CHECK_THROWS_WITH(make(2, {.weights = {1, 0}}), contains("weight is 0"));
  CHECK_THROWS_AS(make(2, {.weights = {0xffffffffu, 1}}), gs::invalid_argument);
  CHECK_THROWS_WITH(make(2, {.weights = {0xffffffffu, 1}}), contains("4294967296"));
  CHECK_THROWS_AS(make(2, {.how = combination::max, .weights = {1, 1}}), gs::invalid_argument);
  CHECK_THROWS_WITH(make(2, {.how = combination::max, .weights = {1, 1}}), contains("maximum"));
  CHECK_NOTHROW(make(2, {.weights = {0xfffffffeu, 1}}));
}

TEST_CASE("columns: losses that do not fit are refused with both sizes, and change nothing") {
  gs::loss_columns tasks(2, {.history = 4});
  tasks.scores(floats{1, 2}, floats{3, 4});
  const support::bytes before = tasks.save();
  const floats losses(6, 1.0f);
  const auto run = [&](std::size_t columns, const mask& keep, std::size_t stride) {
    tasks.scores(gs::loss_matrix<float>{losses.data(), 2, columns, stride}, keep);
  };
  CHECK_THROWS_AS(run(3, {}, 0), gs::invalid_argument);
  CHECK_THROWS_WITH(run(3, {}, 0), contains("3 columns") && contains("made for 2"));
  CHECK_THROWS_AS(run(2, mask(3, 1), 0), gs::invalid_argument);
  CHECK_THROWS_WITH(run(2, mask(3, 1), 0), contains("2 x 2") && contains("mask of 3"));
  CHECK_THROWS_AS(run(2, {}, 1), gs::invalid_argument);
  CHECK_THROWS_AS(tasks.scores(losses), gs::invalid_argument);
  CHECK_THROWS_WITH(tasks.scores(losses), contains("1 columns") && contains("made for 2"));
  CHECK_THROWS_AS(tasks.scores(losses, floats{1}), gs::invalid_argument);
  CHECK_THROWS_WITH(tasks.scores(losses, floats{1}), contains("of 1 ") && contains("of 6"));
  CHECK_THROWS_AS(tasks.history(2), gs::out_of_range);
  CHECK_THROWS_WITH(tasks.history(2), contains("column 2 of 2"));
  CHECK(tasks.save() == before);
  CHECK(tasks.scores(floats{}, floats{}).empty());
  CHECK(tasks.save() == before);
}
