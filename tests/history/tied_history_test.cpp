// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/history/loss_window.hpp>
#include <gradsieve/history/tied_history.hpp>

#include <vector>

#include "catch.hpp"
#include "support/random_source.hpp"
#include "support/windows.hpp"

namespace gs = gradsieve;

namespace {

template <class History>
gs::sorted_window window_of(const History& history) {
  gs::sorted_window window(history.capacity());
  history.write_sorted_keys(window.resize(history.size()));
  return window;
}

}  // namespace

TEST_CASE("tied history: inclusive counts h <= loss, mid-rank both, over many with ties") {
  support::random_source source(9);
  for (int trial = 0; trial < 300; ++trial) {
    const std::size_t n = 1 + source.below(20);
    gs::inclusive_history<gs::loss_window> inclusive(20);
    gs::mid_rank_history<gs::loss_window> middle(20);
    std::vector<float> losses(n);
    for (float& loss : losses) loss = static_cast<float>(source.below(6)) - 3;
    inclusive.push_keys(support::keys_of(losses));
    middle.push_keys(support::keys_of(losses));
    REQUIRE(inclusive.size() == n);
    REQUIRE(middle.size() == 2 * n);
    const gs::sorted_window a = window_of(inclusive), b = window_of(middle);
    REQUIRE(std::is_sorted(b.keys().begin(), b.keys().end()));
    for (float loss = -4; loss <= 4; loss += 0.5f) {
      std::uint32_t below = 0, upto = 0;
      for (const float h : losses) {
        below += h < loss ? 1 : 0;
        upto += h <= loss ? 1 : 0;
      }
      REQUIRE(a.view().rank(gs::to_key(loss)) == upto);
      REQUIRE(b.view().rank(gs::to_key(loss)) == below + upto);
    }
  }
}

TEST_CASE("tied history: the extremes of finite losses stay ranked") {
  gs::inclusive_history<gs::loss_window> inclusive(2);
  const std::vector<gs::loss_key> keys = {gs::key_below + 1, gs::key_above - 1};
  inclusive.push_keys(keys);
  const gs::sorted_window window = window_of(inclusive);
  CHECK(window.view().rank(gs::key_below + 1) == 1);
  CHECK(window.view().rank(gs::key_above - 1) == 2);
}
