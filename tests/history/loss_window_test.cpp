// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/history/loss_window.hpp>

#include <array>
#include <deque>
#include <vector>

#include "support/random_source.hpp"
#include "support/special_values.hpp"
#include "support/windows.hpp"

using gradsieve::is_finite;
using gradsieve::loss_key;
using gradsieve::loss_window;
using gradsieve::to_key;

namespace {

//! The window once more: a queue that is sorted at every look.
class naive_window {
 public:
  explicit naive_window(std::size_t capacity) : capacity_(capacity) {}

  void push(const std::vector<float>& batch) {
    const std::size_t tail = std::min(batch.size(), capacity_);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const loss_key key = to_key(batch[i]);
      if (!is_finite(key)) {
        ++rejected_;
      } else if (i >= batch.size() - tail) {
        keys_.push_back(key);
        if (keys_.size() > capacity_) keys_.pop_front();
      }
    }
  }
  std::vector<loss_key> sorted() const {
    std::vector<loss_key> keys(keys_.begin(), keys_.end());
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::uint64_t rejected() const { return rejected_; }

 private:
  std::deque<loss_key> keys_;
  std::size_t capacity_;
  std::uint64_t rejected_ = 0;
};

std::vector<loss_key> sorted_keys(const loss_window& window) {
  std::vector<loss_key> keys(window.size());
  window.write_sorted_keys(keys);
  return keys;
}

bool same(const loss_window& window, const naive_window& naive) {
  const std::vector<loss_key> expected = naive.sorted();
  const auto view = window.view();
  return sorted_keys(window) == expected && window.rejected() == naive.rejected() &&
         view.size == expected.size() && view.slots[0] == gradsieve::key_below &&
         view.slots[expected.size() + 1] == gradsieve::key_above &&
         std::equal(expected.begin(), expected.end(), view.slots + 1);
}

std::vector<double> percentiles(const loss_window& window, const std::vector<float>& losses) {
  std::vector<double> result;
  for (const float loss : losses) result.push_back(window.percentile(loss));
  return result;
}

float random_loss(support::random_source& random) {
  switch (random.below(20)) {
    case 0: return support::nan_f();
    case 1: return random.below(2) == 0 ? support::infinity_f() : support::negative_infinity_f();
    case 2: return support::negative_nan_f();
    case 3: return random.unit() - 0.5f;
    default: return static_cast<float>(random.below(9));  // heavy ties
  }
}

}  // namespace

TEST_CASE("percentiles of the Selective-Backprop example, batch after batch") {
  loss_window window(8);
  const std::vector<float> first{.1f, .4f, .2f, .3f}, second{.5f, .05f, .25f, .4f},
      third{.05f, .05f, .6f, 1.0f};
  window.push(first);
  CHECK(percentiles(window, first) == std::vector<double>{0, .75, .25, .5});
  window.push(second);
  CHECK(percentiles(window, second) == std::vector<double>{.875, 0, .375, .625});
  window.push(third);
  CHECK(percentiles(window, third) == std::vector<double>{0, 0, .75, .875});
}

TEST_CASE("a window of four, full, forgets its oldest loss") {
  loss_window window(4);
  window.push({1, 2, 3, 4});
  CHECK(window.percentile(3.0f) == .5);
  window.push({5});
  CHECK(window.percentile(3.0f) == .25);
  CHECK(window.percentile(5.0f) == .75);
}

TEST_CASE("a batch larger than the window") {
  loss_window window(4);
  window.push({1, 2, 3, 4, 5, 6});
  CHECK(percentiles(window, {1, 2, 3, 4, 5, 6}) == std::vector<double>{0, 0, 0, .25, .5, .75});
  CHECK(window.size() == 4);
}

TEST_CASE("of a batch larger than the window, the finite ones among its last H are taken") {
  loss_window window(4);
  window.push({10, 11, 12, 13});
  const float nan = support::nan_f();
  window.push({1, nan, 2, 3, nan, 4, nan});  // the last four: 3, NaN, 4, NaN
  CHECK(sorted_keys(window) == support::keys_of({3, 4, 12, 13}));
  CHECK(window.rejected() == 3);
}

TEST_CASE("ties count as not smaller") {
  loss_window window(4);
  window.push({1, 1, 2, 2});
  CHECK(percentiles(window, {1, 1, 2, 2}) == std::vector<double>{0, 0, .5, .5});
}

TEST_CASE("equal losses: the percentile is 0 with < where it would be 1 with <=") {
  loss_window window(64);
  window.push(std::vector<float>(64, 0.25f));
  CHECK(window.percentile(0.25f) == 0.0);
  CHECK(window.percentile(0.25001f) == 1.0);
}

TEST_CASE("a NaN never sticks in the window") {
  loss_window window(3);
  const float nan = support::nan_f();
  window.push(
      {nan, support::infinity_f(), nan, support::negative_infinity_f(), support::negative_nan_f()});
  CHECK(window.size() == 0);
  window.push({1, nan, 2});
  window.push({nan});
  window.push({3, nan});
  CHECK(window.size() == 3);
  CHECK(sorted_keys(window) == support::keys_of({1, 2, 3}));
  window.push({4, 5, 6});
  CHECK(sorted_keys(window) == support::keys_of({4, 5, 6}));
  CHECK(window.rejected() == 8);
}

TEST_CASE("a window primed by nothing") {
  loss_window window(4);
  CHECK(window.size() == 0);
  CHECK(window.view().rank(to_key(1.0f)) == 0);
  REQUIRE_THROWS_AS(window.percentile(1.0f), gradsieve::invalid_argument);
  REQUIRE_THROWS_AS(window.quantile(0.5), gradsieve::invalid_argument);
  window.push(std::vector<float>{});
  REQUIRE_THROWS_AS(window.percentile(1.0f), gradsieve::invalid_argument);
  window.push({2});
  CHECK(window.percentile(3.0f) == 1.0);
}

TEST_CASE("negative losses are legal: only order matters") {
  loss_window window(4);
  window.push({-4, -1, -3, -2});
  CHECK(percentiles(window, {-4, -1, -3, -2}) == std::vector<double>{0, .75, .25, .5});
  // Minus zero and zero are one value.
  window.push({0.0f, support::float_of(0x80000000u)});
  CHECK(window.percentile(0.0f) == .5);
  CHECK(window.percentile(support::float_of(0x80000000u)) == .5);
}

TEST_CASE("subnormal losses keep their order, whatever the flags") {
  loss_window window(3);
  window.push({support::float_of(1), support::float_of(2), support::float_of(3)});
  CHECK(window.view().rank(to_key(support::float_of(2))) == 1);
  CHECK(window.view().rank(to_key(support::float_of(4))) == 3);
}

TEST_CASE("random batches with ties, NaN and infinities: the same as a sorted queue") {
  support::random_source random(9);
  for (const std::size_t capacity : {1u, 2u, 3u, 7u, 16u, 100u}) {
    loss_window window(capacity);
    naive_window naive(capacity);
    std::size_t wrong = 0;
    for (int step = 0; step < 2000; ++step) {
      // Empty batches, single losses, and batches up to three windows long.
      std::vector<float> batch(random.below(3) == 0 ? random.below(3)
                                                    : random.below(3 * capacity + 2));
      for (float& loss : batch) loss = random_loss(random);
      if (step % 2 == 0) {
        window.push(batch);
      } else {
        window.push_keys(support::keys_of(batch));
      }
      naive.push(batch);
      wrong += std::size_t{!same(window, naive)};
    }
    CAPTURE(capacity);
    CHECK(wrong == 0);
  }
}

TEST_CASE("windows of 1024 and 65536 stay sorted over many batches") {
  support::random_source random(10);
  for (const std::size_t capacity : {1024u, 65536u}) {
    loss_window window(capacity);
    naive_window naive(capacity);
    std::size_t wrong = 0;
    for (int step = 0; step < 40; ++step) {
      std::vector<float> batch(capacity / 16 + random.below(capacity / 8));
      for (float& loss : batch) loss = random.unit() * 8 - 1;
      window.push(batch);
      naive.push(batch);
      if (step % 8 == 7) wrong += std::size_t{!same(window, naive)};
    }
    CAPTURE(capacity);
    CHECK(window.size() == capacity);
    CHECK(wrong == 0);
  }
}

TEST_CASE("every kind of losses can be pushed") {
  loss_window window(16);
  window.push(std::vector<double>{1, 2});
  window.push(std::array<float, 2>{3, 4});
  const float raw[] = {5, 6};
  window.push(raw);
  window.push(std::span<const float>(raw));
  window.push(std::vector<gradsieve::float16_bits>{{0x3c00}});
  window.push(std::vector<gradsieve::bfloat16_bits>{{0x3f80}});
  CHECK(sorted_keys(window) == support::keys_of({1, 1, 1, 2, 3, 4, 5, 5, 6, 6}));
  CHECK(window.percentile(3.0) == window.percentile(3.0f));
}

TEST_CASE("quantiles of a window are its entries") {
  loss_window window(8);
  window.push({8, 7, 6, 5, 4, 3, 2, 1});
  CHECK(window.quantile(0) == 1.0f);
  CHECK(window.quantile(0.124) == 1.0f);
  CHECK(window.quantile(0.125) == 2.0f);
  CHECK(window.quantile(0.5) == 5.0f);
  CHECK(window.quantile(0.999) == 8.0f);
  CHECK(window.quantile(1) == 8.0f);
  loss_window partly(8);
  partly.push({3, -1});
  CHECK(partly.quantile(0.4) == -1.0f);
  CHECK(partly.quantile(0.5) == 3.0f);
  CHECK(partly.quantile(1) == 3.0f);
}

TEST_CASE("a percentile of the quantile leads back to it") {
  support::random_source random(11);
  loss_window window(257);
  std::vector<float> batch(257);
  for (float& loss : batch) loss = random.unit();
  window.push(batch);
  std::size_t wrong = 0;
  for (int i = 0; i < 257; ++i) {
    const float entry = window.quantile((i + 0.5) / 257);
    wrong += std::size_t{window.view().rank(to_key(entry)) != static_cast<std::uint32_t>(i)};
  }
  CHECK(wrong == 0);
}

TEST_CASE("an empty window has no percentile and no quantile") {
  const loss_window window(2);
  REQUIRE_THROWS_AS(window.percentile(1.0f), gradsieve::invalid_argument);
  REQUIRE_THROWS_WITH(window.percentile(1.0f), contains("no loss yet"));
  REQUIRE_THROWS_AS(window.quantile(0.5), gradsieve::invalid_argument);
  REQUIRE_THROWS_WITH(window.quantile(0.5), contains("no loss yet"));
}

TEST_CASE("what a window refuses, by name and value") {
  REQUIRE_THROWS_AS(loss_window(0), gradsieve::invalid_argument);
  REQUIRE_THROWS_WITH(loss_window((1u << 24) + 1),
                      contains("capacity") && contains("16777217") && contains("16777216"));
  loss_window window(2);
  window.push({1, 2});
  REQUIRE_THROWS_WITH(window.percentile(support::nan_f()), contains("not finite"));
  REQUIRE_THROWS_WITH(window.percentile(support::infinity_d()), contains("not finite"));
  REQUIRE_THROWS_WITH(window.quantile(1.5), contains("1.5"));
  REQUIRE_THROWS_AS(window.quantile(-0.1), gradsieve::invalid_argument);
  REQUIRE_THROWS_AS(window.quantile(support::nan_d()), gradsieve::invalid_argument);
}
