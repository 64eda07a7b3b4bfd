// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/control/loss_mixture.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/noisy_losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::loss_mixture;

namespace {

loss_mixture fit(const std::vector<float>& losses) {
  gs::loss_ledger ledger(static_cast<std::int64_t>(losses.size()));
  ledger.observe(support::ids_from(0, losses.size()), losses, 0);
  gs::loss_counts counts;
  counts.count(ledger.entries());
  loss_mixture mixture;
  mixture.fit(counts);
  return mixture;
}

gs::detail::buffer<std::byte> written(const loss_mixture& mixture) {
  gs::byte_writer out;
  mixture.write(out);
  return out.view();
}

}  // namespace

TEST_CASE("loss_mixture: a hill on an empty plain is taken apart exactly") {
  std::vector<float> losses;
  for (int i = 0; i < 8000; ++i) losses.push_back(0.05f);
  for (int i = 0; i < 2000; ++i) losses.push_back(3.5f + 0.001f * static_cast<float>(i % 1000));
  const auto mixture = fit(losses);
  REQUIRE(mixture.found());
  CHECK(mixture.share() == Approx(0.2).margin(0.001));
  CHECK(mixture.threshold() > 0.1f);
  CHECK(mixture.threshold() <= 3.5f);
  CHECK(mixture.posterior(0.05f) == Approx(0).margin(0.001));
  CHECK(mixture.posterior(3.9f) == Approx(1));
  CHECK(mixture.posterior(1e9f) == Approx(1));
}

TEST_CASE("loss_mixture: it knows no scale") {
  const auto data = support::noisy_losses(20000, 0.2, support::noise::symmetric, 5);
  const auto plain = fit(data.losses);
  REQUIRE(plain.found());
  for (const float scale : {0.0078125f, 1024.0f}) {  // powers of two: the bins are the same
    auto losses = data.losses;
    for (float& loss : losses) loss *= scale;
    const auto scaled = fit(losses);
    REQUIRE(scaled.found());
    CHECK(scaled.share() == Approx(plain.share()));
    CHECK(scaled.threshold() == Approx(plain.threshold() * scale));
    CHECK(scaled.posterior(scale * 2) == Approx(plain.posterior(2)));
  }
}

TEST_CASE("loss_mixture: neither the order of the examples nor how they are summed matters") {
  const auto data = support::noisy_losses(20000, 0.2, support::noise::symmetric, 6);
  auto reversed = data.losses;
  std::reverse(reversed.begin(), reversed.end());
  const auto a = written(fit(data.losses)), b = written(fit(reversed));
  CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST_CASE("loss_mixture: tails without a hill are one population") {
  support::random_source source(7);
  std::vector<float> exponential, power_law, level, normal;
  for (int i = 0; i < 50000; ++i) {
    const float u = 1 - source.unit();
    exponential.push_back(-std::log(u));
    power_law.push_back(0.1f * (std::pow(u, -0.5f) - 1));
    level.push_back(u);
    normal.push_back(2.3f + 0.1f * (source.unit() + source.unit() + source.unit() - 1.5f));
  }
  for (const auto* losses : {&exponential, &power_law, &level, &normal}) {
    const auto mixture = fit(*losses);
    CHECK_FALSE(mixture.found());
    CHECK(mixture.share() == Approx(0));
    CHECK(mixture.posterior(3) == Approx(0));
  }
}

TEST_CASE("loss_mixture: a hill tells nothing while most examples are not learnt") {
  support::random_source source(8);
  std::vector<float> losses;
  for (int i = 0; i < 7000; ++i) losses.push_back(2.2f + 0.2f * source.unit());
  for (int i = 0; i < 3000; ++i) losses.push_back(3.9f + 0.3f * source.unit());
  CHECK_FALSE(fit(losses).found());
}

TEST_CASE("loss_mixture: nothing is found in nothing") {
  CHECK_FALSE(fit({}).found());
  CHECK_FALSE(fit(std::vector<float>(1000, 0.0f)).found());
  CHECK_FALSE(fit(std::vector<float>(1000, 2.0f)).found());
  CHECK_FALSE(fit(std::vector<float>(1000, -2.0f)).found());
  CHECK_FALSE(fit(std::vector<float>(1000, support::nan_f())).found());
  auto few = std::vector<float>(50, 0.1f);
  few.resize(80, 5.0f);
  CHECK_FALSE(fit(few).found());
}

TEST_CASE("loss_mixture: a fit replaces the one before") {
  gs::loss_counts counts;
  loss_mixture mixture =
      fit(support::noisy_losses(20000, 0.2, support::noise::symmetric, 5).losses);
  REQUIRE(mixture.found());
  mixture.fit(counts);
  CHECK_FALSE(mixture.found());
  CHECK(mixture.posterior(9) == Approx(0));
}

TEST_CASE("loss_mixture: a state that no fit leads to is refused") {
  loss_mixture mixture;
  const auto reads = [&](std::uint32_t octave, std::uint64_t share, gs::loss_key threshold,
                         std::size_t bins, std::uint32_t posterior) {
    gs::byte_writer out;
    out.put(true);
    out.put(octave);
    out.put(share);
    out.put(threshold);
    const std::vector<std::uint32_t> posteriors(bins, posterior);
    out.put(std::span<const std::uint32_t>(posteriors));
    gs::byte_reader in(out.view().data(), out.view().size());
    mixture.read(in);
  };
  constexpr std::uint64_t half = std::uint64_t{1} << 31;
  CHECK_NOTHROW(reads(120, half, gs::to_key(1.0f), loss_mixture::bins, loss_mixture::certain));
  CHECK(mixture.share() == Approx(0.5));
  CHECK_THROWS_AS(reads(256, half, 1, loss_mixture::bins, 0), gs::state_error);
  CHECK_THROWS_AS(reads(120, 2 * half + 1, 1, loss_mixture::bins, 0), gs::state_error);
  CHECK_THROWS_AS(reads(120, half, gs::key_never, loss_mixture::bins, 0), gs::state_error);
  CHECK_THROWS_AS(reads(120, half, 1, loss_mixture::bins - 1, 0), gs::state_error);
  CHECK_THROWS_AS(reads(120, half, 1, loss_mixture::bins, loss_mixture::certain + 1),
                  gs::state_error);
  CHECK(mixture.share() == Approx(0.5));
}
