// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A least number of selected examples.
#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/policy/power.hpp>
#include <gradsieve/policy/uniform.hpp>
#include <gradsieve/select/poisson.hpp>
#include <gradsieve/select/top_up.hpp>

#include "catch.hpp"
#include "support/bernoulli.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;

namespace {

//! A batch of keys against a window of the same losses.
struct fixture {
  gs::loss_window window{8};
  gs::rule compiled;
  std::vector<gs::loss_key> keys;

  fixture(const gs::curve& policy, const std::vector<float>& losses) : compiled(policy, 8) {
    window.push(support::ramp(8));
    for (const float loss : losses) keys.push_back(gs::to_key(loss));
  }

  std::vector<std::uint32_t> run(std::uint32_t step, std::size_t wanted,
                                 std::vector<std::uint32_t>* added = nullptr) const {
    const gs::draw_key key{7, step, gs::purpose::pick_by_position};
    const gs::selector_batch batch{keys};
    std::vector<std::uint32_t> out(keys.size() + wanted), extra(wanted);
    const std::size_t drawn =
        gs::poisson_selector{}.select(compiled.view(), window.view(), key, batch, out);
    const std::size_t count = drawn >= wanted ? drawn
                                              : gs::top_up(compiled.view(), window.view(), key,
                                                           batch, wanted, out, drawn, extra);
    out.resize(count);
    extra.resize(count - drawn);
    if (added != nullptr) *added = extra;
    return out;
  }
};

}  // namespace

TEST_CASE("a top-up adds to the draw, keeps the order, and stops at what was wanted") {
  const fixture batch(gs::power{3.0}, {1, 2, 3, 4, 5, 6});
  for (std::uint32_t step = 0; step < 200; ++step) {
    std::vector<std::uint32_t> added;
    const auto drawn = batch.run(step, 0);
    const auto chosen = batch.run(step, 2, &added);
    CHECK(chosen.size() == (std::max)(drawn.size(), std::size_t{2}));
    CHECK(std::is_sorted(chosen.begin(), chosen.end()));
    CHECK(std::includes(chosen.begin(), chosen.end(), drawn.begin(), drawn.end()));
    CHECK(added.size() == chosen.size() - drawn.size());
    for (const std::uint32_t position : added) {
      CHECK(std::count(drawn.begin(), drawn.end(), position) == 0);
      CHECK(std::count(chosen.begin(), chosen.end(), position) == 1);
    }
  }
}

TEST_CASE("a top-up of a batch without any mass is uniform") {
  // 4000 draws of 1 of 4: chi-squared, 3 degrees of freedom, alpha 1e-4.
  const fixture batch(gs::uniform{0.0}, {1, 2, 3, 4});
  std::vector<std::uint64_t> counts(4);
  for (std::uint32_t step = 0; step < 4000; ++step) ++counts[batch.run(step, 1).at(0)];
  CHECK(support::chi_squared_even(counts) < support::chi_squared_critical(3));
}

TEST_CASE("an example is added about in proportion to its mass: by the least word for it") {
  // Masses 1/8 and 4/8: the first is added iff u / (1/8) < v / (4/8) for uniform u and v, that is
  // with probability 1/8. 20000 steps; chi-squared with one degree of freedom, alpha 1e-4.
  const fixture batch(gs::power{1.0}, {2, 5});
  std::vector<std::uint64_t> counts(2);
  for (std::uint32_t step = 0; step < 20000; ++step) {
    std::vector<std::uint32_t> added;
    batch.run(step, 1, &added);
    if (!added.empty()) ++counts[added[0]];
  }
  const auto trials = static_cast<double>(counts[0] + counts[1]);
  CHECK(trials > 8000);  // (1 - 1/8) (1 - 4/8) of them
  const std::vector<double> expected = {trials / 8, trials * 7 / 8};
  CHECK(support::chi_squared(counts, expected) < support::chi_squared_critical(1));
}

TEST_CASE("examples without mass come last, and those that must not be selected never") {
  fixture batch(gs::power{1.0}, {1, 1, 5, 1});
  batch.keys[1] = gs::key_never;
  for (std::uint32_t step = 0; step < 100; ++step) {
    CHECK(batch.run(step, 1) == std::vector<std::uint32_t>{2});
    CHECK(batch.run(step, 3) == std::vector<std::uint32_t>{0, 2, 3});
    CHECK(batch.run(step, 4) == std::vector<std::uint32_t>{0, 2, 3});  // no other may be
  }
}

TEST_CASE("a top-up of positions that repeat keeps the order and adds none of those again") {
  const fixture batch(gs::uniform{0.5}, {1, 2, 3, 4, 5, 6});
  for (std::uint32_t step = 0; step < 100; ++step) {
    for (const std::vector<std::uint32_t>& drawn :
         {std::vector<std::uint32_t>{1, 1}, {2, 2, 5}, {0, 0, 0, 5, 5}}) {
      const std::size_t wanted = drawn.size() + 1 + step % 3;
      std::vector<std::uint32_t> out = drawn, added(wanted);
      out.resize(wanted);
      const std::size_t count = gs::top_up(batch.compiled.view(), batch.window.view(),
                                           {7, step, gs::purpose::pick_by_position}, {batch.keys},
                                           wanted, out, drawn.size(), added);
      REQUIRE(count == wanted);
      CHECK(std::is_sorted(out.begin(), out.end()));
      added.resize(wanted - drawn.size());
      for (const std::uint32_t position : added) {
        CHECK(std::count(drawn.begin(), drawn.end(), position) == 0);
        CHECK(std::count(out.begin(), out.end(), position) == 1);
      }
    }
  }
}
