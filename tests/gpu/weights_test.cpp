// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/sieve.hpp>
#include <gradsieve/policy/uniform.hpp>

#include "gpu/parity.hpp"

namespace gs = gradsieve;
using gs::normalisation;

namespace {

const gs::curve with_floor = gs::power{2.0, 0.05};
constexpr normalisation every[] = {normalisation::none, normalisation::unbiased,
                                   normalisation::self_normalised, normalisation::mean_one};

std::vector<float> probabilities_of(std::mt19937& random, std::size_t n) {
  std::vector<float> p(n);
  for (float& one : p) one = static_cast<float>(1 + random() % 100000) * 1e-5f;
  return p;
}

//! A sieve that only lends its weights.
gs::gpu::sieve lender(std::size_t most) {
  gs::gpu::sieve sieve;
  device::check(sieve.create({.policy = with_floor, .history = 8}, {.max_batch = most}));
  return sieve;
}

std::vector<float> weigh(gs::gpu::sieve& sieve, const std::vector<float>& p, normalisation scale,
                         const gs::weight_options& options = {}) {
  const device::array<float> there(p), out(p.size());
  const device::array<std::uint32_t> count(std::vector{static_cast<std::uint32_t>(p.size())});
  device::check(
      sieve.selection_weights(there.data(), count.data(), p.size(), scale, out.data(), options));
  return out.values();
}

std::vector<float> host_weights(const std::vector<float>& losses,
                                const gs::sieve_options& options) {
  gs::sieve host(options);
  const auto w = host.weights(losses);
  return {w.begin(), w.end()};
}

}  // namespace

TEST_CASE("weights of a selection are the host's", "[gpu]") {
  const std::size_t n = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{100},
                                 std::size_t{4096}, std::size_t{30000});
  const double cap = GENERATE(0.0, 3.0);
  gs::gpu::sieve sieve = lender(30000);
  std::mt19937 random(1);
  const std::vector<float> p = probabilities_of(random, n);
  for (const normalisation scale : every) {
    CAPTURE(n, cap, static_cast<int>(scale));
    std::vector<float> expected(n);
    gs::write_weights(p, scale, {.cap = cap}, expected);
    const std::vector<float> got = weigh(sieve, p, scale, {.cap = cap});
    const std::uint32_t allowed = gs::detail::is_scaled(scale) ? 1 : 0;
    for (std::size_t i = 0; i < n; ++i)
      REQUIRE(parity::units_apart(got[i], expected[i]) <= allowed);
  }
}

TEST_CASE("weights do not depend on the grid or the order of blocks", "[gpu]") {
  std::mt19937 random(2);
  const std::vector<float> p = probabilities_of(random, 60000);
  const std::vector<float> losses = parity::mixed(random, 60000);
  const device::array<float> there(losses), out(60000);
  std::vector<std::uint32_t> first, first_alone;
  for (int processors = 1; processors <= 4; ++processors) {
#if defined(GRADSIEVE_GPU_EMULATED)
    emulation::device_list().multiprocessors = processors;
#endif
    const parity::any_order blocks(static_cast<std::uint64_t>(processors));
    gs::gpu::sieve sieve = lender(60000);
    const auto got = parity::bits_of(weigh(sieve, p, normalisation::self_normalised));
    device::check(sieve.weights(there.data(), 60000, out.data()));
    const auto alone = parity::bits_of(out.values());
    if (processors == 1) {
      first = got;
      first_alone = alone;
    }
    REQUIRE(got == first);
    REQUIRE(alone == first_alone);
  }
#if defined(GRADSIEVE_GPU_EMULATED)
  emulation::device_list() = {};
#endif
}

TEST_CASE("a probability that nothing selected can have had gets weight 0", "[gpu]") {
  gs::gpu::sieve sieve = lender(8);
  const std::vector<float> p = {0.5f, 0.0f, support::nan_f(), -1.0f, support::infinity_f(), 0.25f};
  const std::vector<float> got = weigh(sieve, p, normalisation::mean_one);
  CHECK(got == std::vector<float>{2.0f, 0, 0, 0, 0, 4.0f});
  CHECK(weigh(sieve, p, normalisation::none) == std::vector<float>(6, 1.0f));
  CHECK(weigh(sieve, {0.0f, 0.0f}, normalisation::self_normalised) == std::vector<float>(2, 0.0f));
}

TEST_CASE("a position beyond the batch has probability 0, a count beyond it is cut off", "[gpu]") {
  gs::gpu::sieve sieve = lender(8);
  const device::array<float> losses(std::vector<float>{1, 2, 3});
  const device::array<std::uint32_t> positions(std::vector<std::uint32_t>{2, 9, 0, 1, 1});
  const device::array<std::uint32_t> count(std::vector<std::uint32_t>{5});
  const device::array<float> out(std::vector<float>(5, 7.0f));
  device::check(sieve.probabilities(losses.data(), 3, positions.data(), count.data(), out.data()));
  CHECK(out.values() == std::vector<float>{1, 0, 1, 7, 7});
}

TEST_CASE("weights alone are the host's, and so is the state behind them", "[gpu]") {
  const auto order =
      GENERATE(gs::update_order::update_then_decide, gs::update_order::decide_then_update);
  const auto tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  const auto non_finite = GENERATE(gs::non_finite::skip, gs::non_finite::select);
  const gs::sieve_options options{.policy = gs::power{1.5},
                                  .history = 200,
                                  .seed = 3,
                                  .order = order,
                                  .on_non_finite = non_finite,
                                  .tied = tied};
  gs::sieve host(options);
  gs::gpu::sieve sieve;
  device::check(sieve.create(options, {.max_batch = 9000}));
  std::mt19937 random(5);
  const device::array<float> out(9000);
  device::array<std::uint32_t> positions(9000), count(1);
  for (const std::size_t n : {100u, 0u, 90u, 4097u, 1u, 8192u, 33u}) {
    CAPTURE(n);
    const std::vector<float> batch = parity::mixed(random, n);
    const device::array<float> losses(batch);
    const auto expected = host.weights(batch);
    device::check(sieve.weights(losses.data(), n, out.data()));
    const std::vector<float> got = out.first(n);
    for (std::size_t i = 0; i < n; ++i) REQUIRE(parity::units_apart(got[i], expected[i]) <= 1);
    // Picks and weighings take turns: the steps are one sequence.
    const auto picked = host.pick(batch);
    device::check(sieve.pick(losses.data(), n, positions.data(), count.data()));
    REQUIRE(count[0] == picked.size());
    const auto at = positions.first(count[0]);
    REQUIRE(std::equal(at.begin(), at.end(), picked.positions().begin()));
  }
  host.weights(std::vector<float>{1, 2});
  const device::array<float> two(std::vector<float>{1, 2});
  device::check(sieve.weights(two.data(), 2, out.data()));
  std::vector<std::byte> bytes;
  device::check(sieve.save(bytes));
  CHECK(bytes == host.save());
}

TEST_CASE("weights alone of a batch without any probability are equal", "[gpu]") {
  const auto non_finite = GENERATE(gs::non_finite::skip, gs::non_finite::select);
  const gs::sieve_options options{
      .policy = gs::uniform{0.0}, .history = 2, .on_non_finite = non_finite};
  const std::vector<float> batch = {support::nan_f(), 1, 2, 3};  // fills the window
  gs::gpu::sieve sieve;
  device::check(sieve.create(options));
  const device::array<float> losses(batch), out(4);
  device::check(sieve.weights(losses.data(), 4, out.data()));
  CHECK(out.values() == host_weights(batch, options));
  const float of_nan = non_finite == gs::non_finite::skip ? 0.0f : 4.0f;
  CHECK(out.values()[0] == of_nan);
}

TEST_CASE("weights that cannot be are refused, with a reason", "[gpu]") {
  gs::gpu::sieve sieve;
  device::check(sieve.create({.policy = gs::power{1.0}, .history = 8}, {.max_batch = 16}));
  const device::array<float> p(16), out(16);
  const device::array<std::uint32_t> count(1), positions(16);
  const auto refused = [&](cudaError_t error, const char* why) {
    CHECK(error == cudaErrorInvalidValue);
    CHECK_THAT(sieve.message(), contains(why));
  };
  const auto weigh_by = [&](const float* from, const std::uint32_t* n, std::size_t most,
                            normalisation scale, float* to, double cap) {
    return sieve.selection_weights(from, n, most, scale, to, {.cap = cap});
  };
  const auto mean = normalisation::mean_one;
  refused(weigh_by(p.data(), count.data(), 4, normalisation::unbiased, out.data(), 0), "positive");
  refused(weigh_by(p.data(), count.data(), 4, mean, out.data(), -1), "cap");
  refused(weigh_by(p.data(), count.data(), 4, mean, out.data(), support::nan_d()), "cap");
  refused(weigh_by(nullptr, count.data(), 4, mean, out.data(), 0), "null");
  refused(weigh_by(p.data(), nullptr, 4, mean, out.data(), 0), "count");
  refused(weigh_by(p.data(), count.data(), 4, mean, nullptr, 0), "output");
  refused(weigh_by(p.data(), count.data(), 17, mean, out.data(), 0), "max_batch");
  refused(sieve.weights(p.data(), 17, out.data()), "max_batch");
  refused(sieve.weights(p.data(), 4, nullptr), "output");
  refused(sieve.probabilities(p.data(), 4, nullptr, count.data(), out.data()), "positions");
  refused(sieve.probabilities(p.data(), 4, positions.data(), nullptr, out.data()), "count");
  gs::gpu::sieve none;
  CHECK(none.weights(p.data(), 4, out.data()) == cudaErrorInvalidValue);
}
