// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/key/loss_batch.hpp>

#include <vector>

#include "support/special_values.hpp"

using gradsieve::key_always;
using gradsieve::key_never;
using gradsieve::loss_batch;
using gradsieve::loss_key;
using gradsieve::non_finite;
using gradsieve::to_key;

namespace {

std::vector<float> mixed() {
  return {1.0f,
          support::nan_f(),
          -2.0f,
          support::infinity_f(),
          support::negative_infinity_f(),
          support::negative_nan_f(),
          0.0f};
}

std::vector<loss_key> keys_in(const loss_batch& batch) {
  const std::span<const loss_key> keys = batch.view();
  return {keys.begin(), keys.end()};
}

}  // namespace

TEST_CASE("a NaN never ranks highest") {
  loss_batch batch;
  batch.assign(std::span<const float>(mixed()), non_finite::skip);
  const loss_key n = key_never;
  CHECK(keys_in(batch) == std::vector<loss_key>{to_key(1.0f), n, to_key(-2.0f), n, n, n, 0});
  CHECK(batch.rejected() == 4);
  CHECK(batch.size() == 7);
}

TEST_CASE("losses that are not finite are selected on request") {
  loss_batch batch;
  batch.assign(std::span<const float>(mixed()), non_finite::select);
  const loss_key a = key_always;
  CHECK(keys_in(batch) == std::vector<loss_key>{to_key(1.0f), a, to_key(-2.0f), a, a, a, 0});
  CHECK(batch.rejected() == 4);
}

TEST_CASE("losses that are not finite are refused on request, by position") {
  loss_batch batch;
  const std::vector<float> losses{1.0f, 2.0f, support::nan_f(), support::infinity_f()};
  REQUIRE_THROWS_AS(batch.assign(std::span<const float>(losses), non_finite::raise),
                    gradsieve::non_finite_loss);
  REQUIRE_THROWS_WITH(batch.assign(std::span<const float>(losses), non_finite::raise),
                      contains("position 2") && contains("2 of 4"));
  const std::vector<float> good{1.0f, 2.0f};
  CHECK_NOTHROW(batch.assign(std::span<const float>(good), non_finite::raise));
  CHECK(batch.rejected() == 0);
}

TEST_CASE("a batch of 2^32 losses is refused, since positions have 32 bits") {
  if constexpr (sizeof(std::size_t) > 4) {
    loss_batch batch;
    const float loss = 1;
    // Refused by its size alone: nothing is read.
    const std::span<const float> huge(&loss, std::size_t{0xffffffffu} + 1);
    REQUIRE_THROWS_AS(batch.assign(huge, non_finite::skip), gradsieve::invalid_argument);
    REQUIRE_THROWS_WITH(batch.assign(huge, non_finite::skip), contains("4294967296"));
    CHECK(batch.size() == 0);
  }
}

TEST_CASE("a finite double beyond float's range is not counted as infinite") {
  loss_batch batch;
  const std::vector<double> losses{1e300, support::infinity_d(), support::nan_d()};
  batch.assign(std::span<const double>(losses), non_finite::skip);
  CHECK(batch.rejected() == 2);
  CHECK(batch.view()[0] == gradsieve::key_above - 1);
}

TEST_CASE("a batch takes the place of the one before") {
  loss_batch batch;
  batch.reserve(8);
  batch.assign(std::span<const float>(mixed()), non_finite::skip);
  batch.assign(std::span<const float>(), non_finite::raise);
  CHECK(batch.size() == 0);
  CHECK(batch.rejected() == 0);
  const std::vector<loss_key> keys{5, key_never, key_always};
  batch.assign_keys(keys.size(), [&](std::size_t i) { return keys[i]; });
  CHECK(keys_in(batch) == keys);
  CHECK(batch.rejected() == 0);
}
