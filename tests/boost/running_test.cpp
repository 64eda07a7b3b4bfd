// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Running statistics against numbers worked out by hand, and none at all.
#include <gradsieve/boost/running.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::statistics::running;

namespace {

//! Statistics of these losses, the rolling mean over 3. Their state is numbers of eight bytes each:
//! the count, mean, variance, minimum and maximum; a list of losses, 4 at most; the rolling mean;
//! the sketch, which is a count and five lists (1 probability, then 5 numbers of each marker); how
//! many were rejected.
running statistics_of(const std::vector<float>& losses) {
  running result({.quantiles = {0.5}, .rolling = 3});
  for (const float loss : losses) result.push(loss);
  return result;
}

const std::vector<float> eight = {2, -1, 4, 3, 2, 1, 0, 5};
constexpr std::size_t count = 0, mean = 1, variance = 2, minimum = 3, maximum = 4, rolling = 5,
                      rolling_mean = 10, sketch = 11, probabilities = 12, heights = 14,
                      positions = 20, desired = 26, increments = 32, rejected = 38;

std::vector<std::byte> bytes_of(const running& losses) {
  gs::byte_writer out;
  losses.write(out);
  return {out.view().begin(), out.view().end()};
}

//! Why the state is refused with `number` in the place of one; "accepted" when it is not. Nothing
//! may be changed by a state that is refused.
template <class T>
std::string reason(const running& losses, std::size_t place, T number) {
  gs::byte_writer bits;
  if constexpr (std::is_same_v<T, double>) {
    bits.put(gs::detail::bit_cast<std::uint64_t>(number));
  } else {
    bits.put(std::uint64_t{number});
  }
  const auto before = bytes_of(losses);
  auto changed = before;
  std::copy(bits.view().begin(), bits.view().end(), &changed[8 * place]);
  running copy = losses;
  gs::byte_reader in(changed);
  try {
    copy.read(in);
  } catch (const gs::state_error& error) {
    return bytes_of(copy) == before ? error.what() : "changed";
  }
  return "accepted";
}

constexpr std::uint64_t huge = std::uint64_t{1} << 60;

}  // namespace

TEST_CASE("running: count, moments, extrema, quantiles and rolling mean") {
  running losses({.quantiles = {0.25, 0.5, 0.75}, .rolling = 3});
  for (const float loss : {2.0f, -1.0f, 4.0f, 3.0f, 2.0f}) losses.push(loss);
  CHECK(losses.count() == 5);
  CHECK(losses.mean() == Approx(2.0));
  CHECK(losses.variance() == Approx(14.0 / 5));
  CHECK(losses.minimum() == -1.0);
  CHECK(losses.maximum() == 4.0);
  CHECK(losses.quantile(0.5) == 2.0);
  CHECK(losses.quantile(0.75) == 3.0);
  CHECK(losses.rolling_mean() == Approx(3.0));
}

TEST_CASE("running: of one loss") {
  running losses;
  losses.push(-0.5);
  CHECK(losses.mean() == -0.5);
  CHECK(losses.variance() == 0.0);
  CHECK(losses.minimum() == -0.5);
  CHECK(losses.maximum() == -0.5);
  CHECK(losses.rolling_mean() == -0.5);
  CHECK(losses.quantile(0.9) == -0.5);
}

TEST_CASE("running: the variance of losses far from 0 does not cancel") {
  running losses;
  for (int i = 0; i < 1000; ++i) losses.push(i % 2 == 0 ? 16777215.0f : 16777213.0f);
  CHECK(losses.variance() == Approx(1.0).epsilon(1e-6));
}

TEST_CASE("running: the rolling mean forgets what came before its window") {
  running losses({.rolling = 10});
  for (int i = 0; i < 100; ++i) losses.push(1000.0f);
  for (int i = 0; i < 10; ++i) losses.push(1.0f);
  CHECK(losses.rolling_mean() == Approx(1.0));
}

TEST_CASE("running: what is not finite never enters and is counted") {
  running losses;
  losses.push(1.0f);
  losses.push(support::nan_f());
  losses.push(support::negative_nan_f());
  losses.push(support::infinity_d());
  losses.push_key(gs::key_never);
  losses.push_key(gs::key_always);
  CHECK(losses.count() == 1);
  CHECK(losses.rejected() == 5);
  CHECK(losses.mean() == 1.0);
  CHECK(losses.maximum() == 1.0);
}

TEST_CASE("running: of no loss there are no statistics") {
  running losses;
  losses.push(support::nan_f());
  CHECK(losses.count() == 0);
  const std::pair<const char*, std::function<double()>> all[] = {
      {"mean", [&] { return losses.mean(); }},
      {"variance", [&] { return losses.variance(); }},
      {"minimum", [&] { return losses.minimum(); }},
      {"maximum", [&] { return losses.maximum(); }},
      {"rolling_mean", [&] { return losses.rolling_mean(); }},
      {"quantile", [&] { return losses.quantile(0.5); }}};
  for (const auto& [name, statistic] : all) {
    CHECK_THROWS_AS(statistic(), gs::invalid_argument);
    CHECK_THROWS_WITH(statistic(), contains(name) && contains("no loss so far"));
  }
}

TEST_CASE("running: bad options are refused") {
  CHECK_THROWS_WITH(running({.rolling = 0}), contains("rolling is 0"));
  CHECK_THROWS_AS(running({.rolling = (1u << 24) + 1}), gs::invalid_argument);
  CHECK_THROWS_AS(running({.quantiles = {}}), gs::invalid_argument);
  CHECK_THROWS_AS(running({.quantiles = {0.9, 0.1}}), gs::invalid_argument);
  CHECK_THROWS_AS(running({.quantiles = {0.5, 1.5}}), gs::invalid_argument);
}

TEST_CASE("running: after reset it is as new, with the same options") {
  running losses({.quantiles = {0.5}, .rolling = 2});
  for (const float loss : support::random_losses(100)) losses.push(loss);
  losses.push(support::nan_f());
  losses.reset();
  CHECK(losses.count() == 0);
  CHECK(losses.rejected() == 0);
  for (const float loss : {5.0f, 1.0f, 3.0f}) losses.push(loss);
  CHECK(losses.mean() == Approx(3.0));
  CHECK(losses.rolling_mean() == Approx(2.0));
  CHECK(losses.quantile(0.5) == 3.0);
}

TEST_CASE("running: a state with a number that is not finite is refused, whichever it is") {
  const running losses = statistics_of(eight);
  REQUIRE(bytes_of(losses).size() == 8 * (rejected + 1));
  const std::vector<std::size_t> counts = {count,     rolling, sketch,     probabilities, heights,
                                           positions, desired, increments, rejected};
  for (std::size_t place = 0; place <= rejected; ++place) {
    if (std::find(counts.begin(), counts.end(), place) != counts.end()) continue;
    for (const double number : {support::nan_d(), support::infinity_d(), -support::infinity_d()}) {
      INFO(place);
      CHECK_THAT(reason(losses, place, number), contains("not finite"));
    }
  }
}

TEST_CASE("running: a state whose sizes are not its own is refused before memory is taken") {
  const running losses = statistics_of(eight);
  for (const std::size_t list : {probabilities, heights, positions, desired, increments}) {
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{4}, std::uint64_t{6}, huge}) {
      INFO(list);
      CHECK_THAT(reason(losses, list, size), contains("a list of " + std::to_string(size)));
    }
  }
  CHECK_THAT(reason(losses, rolling, huge), contains(std::to_string(huge)) && contains("of 4"));
  CHECK_THAT(reason(losses, rolling, 5u), contains("5 losses in a rolling buffer of 4 after 8"));
  CHECK_THAT(reason(losses, rolling, 3u), contains("3 losses in a rolling buffer of 4 after 8"));
  CHECK_THAT(reason(statistics_of({1, 2}), rolling, 1u), contains("after 2"));
  CHECK_THAT(reason(losses, count, huge), contains("a count of"));
  CHECK_THAT(reason(losses, count, std::uint64_t{1} << 53), contains("a count of"));
  CHECK_THAT(reason(losses, sketch, huge), contains("a count of"));
  const auto whole = bytes_of(losses);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    running copy = losses;
    gs::byte_reader in(whole.data(), size);
    CHECK_THROWS_AS(copy.read(in), gs::state_error);
    CHECK(bytes_of(copy) == whole);
  }
}

TEST_CASE("running: a state of statistics that no losses have is refused") {
  const running losses = statistics_of(eight);
  CHECK(reason(losses, mean, 2.0) == "accepted");
  for (const double number : {-1e300, -2.0, 6.0, 1e300}) {
    CHECK_THAT(reason(losses, mean, number), contains("not the statistics of 8 losses"));
  }
  for (const double number : {-1e-300, -1.0, 401.0, 1e300}) {
    CHECK_THAT(reason(losses, variance, number), contains("not the statistics"));
  }
  for (const double number : {-1e39, 0.5, 5.5, 1e300}) {
    CHECK_THAT(reason(losses, minimum, number), contains("not the statistics"));
  }
  for (const double number : {-1e300, -2.0, 4.5, 1e39}) {
    CHECK_THAT(reason(losses, maximum, number), contains("not the statistics"));
  }
  for (std::size_t i = 1; i <= 4; ++i) {
    CHECK_THAT(reason(losses, rolling + i, 5.5), contains("not the statistics"));
    CHECK_THAT(reason(losses, rolling + i, -1.5), contains("not the statistics"));
  }
  CHECK(losses.rolling_mean() == Approx(2));
  for (const double number : {1.5, 2.5, -1e300}) {
    CHECK_THAT(reason(losses, rolling_mean, number), contains("not the statistics"));
  }
  CHECK_THAT(reason(losses, count, 9u), contains("a mean of 9 losses and quantiles of 8"));
  CHECK_THAT(reason(losses, sketch, 9u), contains("not the markers of 1 quantiles after 9 losses"));
  CHECK(reason(losses, rejected, huge) == "accepted");
}

TEST_CASE("running: a state of no loss is that of new statistics, or refused") {
  const running none = statistics_of({});
  CHECK(reason(none, count, 0u) == "accepted");
  for (const std::size_t place : {mean, variance, minimum, maximum, std::size_t{rolling + 1}}) {
    INFO(place);
    CHECK_THAT(reason(none, place, 1.0), contains("not the statistics of 0 losses"));
  }
}

TEST_CASE("running: the state of losses as large as they get is taken, and goes on") {
  const float most = 3.4028235e38f;
  running losses = statistics_of({most, -most, most, most, -most, -most, -most});
  for (int i = 0; i < 100; ++i) {
    running copy = statistics_of({});
    const auto state = bytes_of(losses);
    gs::byte_reader in(state);
    copy.read(in);
    CHECK(bytes_of(copy) == state);
    losses.push(i % 3 == 0 ? most : -most);
  }
}
