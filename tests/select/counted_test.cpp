// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/select/counted.hpp>
#include <gradsieve/select/top_k.hpp>
#include <gradsieve/sieve.hpp>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using top_share = gs::counted<gs::top_k_selector, gs::keep_share>;
using sieve = gs::basic_sieve<gs::loss_window, top_share>;

namespace {

const gs::sieve_options one_loss{.history = 1};

sieve make(double keep) { return {one_loss, gs::loss_window(1), top_share({keep})}; }

}  // namespace

TEST_CASE("pitfall: int(keep n) of 0: counted takes at least one, and none of an empty batch") {
  const gs::keep_share third{1.0 / 3};
  CHECK(third(0, 9) == 3);
  CHECK(third(0, 8) == 2);
  CHECK(third(0, 1) == 1);
  CHECK(third(0, 0) == 0);
  CHECK(gs::keep_share{1}(0, 7) == 7);
  sieve s = make(0.5);
  CHECK(s.pick(std::vector<float>{1, 2, 3, 4}).size() == 2);
  CHECK(s.pick(std::vector<float>{1, 2}).size() == 1);
  CHECK(s.pick(std::vector<float>{1, support::nan_f(), 2, 3}).size() == 1);
  CHECK(s.pick(std::vector<float>{}).empty());
}

TEST_CASE("counted: a sieve is resumed only with the same share") {
  const sieve saved = make(0.5);
  sieve other = make(0.25);
  CHECK_THROWS_AS(other.load(saved.save()), gs::state_error);
  CHECK_THROWS_WITH(other.load(saved.save()), contains("keep share") && contains("0.25"));
  sieve same = make(0.5);
  CHECK_NOTHROW(same.load(saved.save()));
}

TEST_CASE("counted: shares outside (0, 1] are refused by name") {
  for (const double bad : {0.0, -0.1, 1.5, support::nan_d()}) {
    CHECK_THROWS_AS(gs::detail::check_share("keep", bad), gs::invalid_argument);
  }
  CHECK_THROWS_WITH(gs::detail::check_share("keep", 2), contains("keep is 2"));
  CHECK_NOTHROW(gs::detail::check_share("keep", 1));
}

TEST_CASE("counted: draws keyed by id are refused") {
  const gs::sieve_options by_id{.history = 1, .keying = gs::draw_by::id};
  CHECK_THROWS_AS(sieve(by_id, gs::loss_window(1), top_share()), gs::invalid_argument);
  top_share select;
  const std::vector<gs::loss_key> keys = {1, 2};
  const std::vector<std::int64_t> ids = {1, 2};
  std::vector<std::uint32_t> out(2);
  CHECK_THROWS_WITH(select.select({}, {}, {}, {keys, ids}, out), contains("counted"));
}
