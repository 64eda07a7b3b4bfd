// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/random/bijection.hpp>

#include <set>
#include <type_traits>
#include <vector>

#include "support/chi_squared.hpp"

using gradsieve::bijection;
using gradsieve::draw_key;
using gradsieve::purpose;

namespace {

draw_key order_key(std::uint64_t seed, std::uint32_t epoch = 0) {
  return {.seed = seed, .step = epoch, .use = purpose::order};
}

//! Whether each of [0, n) is hit exactly once.
bool is_permutation(const bijection& order) {
  std::vector<bool> hit(order.size(), false);
  for (std::uint64_t i = 0; i < order.size(); ++i) {
    const std::uint64_t place = order(i);
    if (place >= order.size() || hit[place]) return false;
    hit[place] = true;
  }
  return true;
}

std::size_t factorial(std::size_t n) { return n < 2 ? 1 : n * factorial(n - 1); }

//! The number of a permutation of [0, n) among all n!, in lexicographic order.
std::size_t number_of(const std::vector<std::uint64_t>& permutation) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    std::size_t smaller = 0;
    for (std::size_t j = i + 1; j < permutation.size(); ++j) {
      smaller += std::size_t{permutation[j] < permutation[i]};
    }
    number = number * (permutation.size() - i) + smaller;
  }
  return number;
}

}  // namespace

TEST_CASE("a bijection is a permutation of [0, n) for every n") {
  for (std::uint64_t n = 1; n <= 300; ++n) {
    if (!is_permutation(bijection(n, order_key(n)))) FAIL("n = " << n);
  }
  for (const std::uint64_t n : {511u, 512u, 513u, 1000u, 1023u, 1024u, 1025u, 2047u, 2049u, 4095u,
                                65535u, 65536u, 65537u, 131'073u, 1'000'000u}) {
    CAPTURE(n);
    CHECK(is_permutation(bijection(n, order_key(31))));
  }
}

TEST_CASE("the order is public: literal values") {
  const std::vector<std::uint64_t> expected{6, 3, 5, 4, 9, 7, 2, 0, 8, 1};
  const bijection ten(10, order_key(1));
  for (std::uint64_t i = 0; i < 10; ++i) CHECK(ten(i) == expected[i]);
  const bijection thousand(1000, order_key(1, 5));
  CHECK(thousand(0) == 78);
  CHECK(thousand(7) == 478);
  const bijection large(1'000'000'000'000u, order_key(1, 5));
  CHECK(large(0) == 988325823994u);
  CHECK(large(3) == 419972971338u);
}

TEST_CASE("sizes at the ends of the range") {
  CHECK(bijection(1, order_key(9))(0) == 0);
  CHECK(bijection(0, order_key(9)).size() == 0);
  const std::uint64_t largest = ~std::uint64_t{0};
  const bijection whole(largest, order_key(9));
  std::set<std::uint64_t> places;
  for (std::uint64_t i = 0; i < 10'000; ++i) places.insert(whole(largest - 1 - i));
  CHECK(places.size() == 10'000);
  CHECK(*places.rbegin() < largest);
}

TEST_CASE("beyond 2^24 and 2^32 no two of a large sample share a place") {
  for (const std::uint64_t n : {(std::uint64_t{1} << 24) + 1, (std::uint64_t{1} << 32) + 1}) {
    const bijection order(n, order_key(9));
    std::set<std::uint64_t> places;
    for (std::uint64_t i = 0; i < 50'000; ++i) {
      places.insert(order(i));
      places.insert(order(n - 1 - i));
    }
    CHECK(places.size() == 100'000);
    CHECK(*places.rbegin() < n);
    CHECK(*places.rbegin() > n - n / 1000);
    // Of places that came through a float, none beyond 2^24 were odd.
    std::size_t odd = 0;
    for (const std::uint64_t place : places) odd += place % 2;
    CHECK(odd > 49'000);
    CHECK(odd < 51'000);
  }
}

TEST_CASE("a bijection is trivially copyable and usable in constant expressions") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<bijection>);
  STATIC_REQUIRE(bijection(10, draw_key{.seed = 1, .use = purpose::order})(0) == 6);
}

TEST_CASE("over the seeds every permutation of 3 to 6 is equally likely") {
  for (std::uint64_t n = 3; n <= 6; ++n) {
    CAPTURE(n);
    const std::size_t cells = factorial(n);
    std::vector<std::uint64_t> counts(cells, 0);
    std::vector<std::uint64_t> permutation(n);
    for (std::uint64_t seed = 0; seed < 150 * cells; ++seed) {
      const bijection order(n, order_key(seed));
      for (std::uint64_t i = 0; i < n; ++i) permutation[i] = order(i);
      ++counts[number_of(permutation)];
    }
    // alpha 1e-4, n! - 1 degrees of freedom: 5, 23, 119, 719
    CHECK(support::chi_squared_even(counts) <
          support::chi_squared_critical(static_cast<double>(cells - 1)));
  }
}

TEST_CASE("over the epochs every permutation of 4 is equally likely") {
  std::vector<std::uint64_t> counts(24, 0);
  for (std::uint32_t epoch = 0; epoch < 24'000; ++epoch) {
    const bijection order(4, order_key(1, epoch));
    ++counts[number_of({order(0), order(1), order(2), order(3)})];
  }
  // alpha 1e-4, n = 23
  CHECK(support::chi_squared_even(counts) < support::chi_squared_critical(23));
}

TEST_CASE("any example is equally likely in any place") {
  for (const std::uint64_t n : {std::uint64_t{1000}, std::uint64_t{65537}}) {
    for (const std::uint64_t example : {std::uint64_t{0}, n / 2, n - 1}) {
      CAPTURE(n, example);
      std::vector<std::uint64_t> counts(50, 0);
      for (std::uint64_t seed = 0; seed < 50'000; ++seed) {
        // n = 65537: the cells differ by one place in 1310, far below what the test can see.
        ++counts[bijection(n, order_key(seed))(example) * 50 / n];
      }
      // alpha 1e-4, n = 49
      CHECK(support::chi_squared_even(counts) < support::chi_squared_critical(49));
    }
  }
}

TEST_CASE("neighbours land independently of each other") {
  // The places of 0 and 1 in [0, 256), as distances: each of 255 is equally likely.
  std::vector<std::uint64_t> counts(255, 0);
  for (std::uint64_t seed = 0; seed < 100'000; ++seed) {
    const bijection order(256, order_key(seed));
    ++counts[((order(1) + 256 - order(0)) % 256) - 1];
  }
  // alpha 1e-4, n = 254
  CHECK(support::chi_squared_even(counts) < support::chi_squared_critical(254));
}

TEST_CASE("epochs, seeds and purposes give different orders") {
  const bijection base(1000, order_key(1, 0));
  for (const draw_key& other :
       {order_key(1, 1), order_key(2, 0), draw_key{.seed = 1, .use = purpose::user},
        draw_key{.seed = 1, .use = purpose::order, .replica = 1}}) {
    const bijection order(1000, other);
    std::size_t same = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) same += std::size_t{order(i) == base(i)};
    // Fixed points of a random permutation are Poisson(1): more than 8 happen once in 1e6.
    CHECK(same <= 8);
  }
}
