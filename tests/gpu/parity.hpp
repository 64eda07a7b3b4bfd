// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The same steps on the host and on the device, which must agree to the bit.
#pragma once

#include <gradsieve/gpu/sieve.hpp>
#include <gradsieve/policy/band.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"
#include "support/special_values.hpp"

#include <cstdlib>
#include <random>

namespace parity {

namespace gs = gradsieve;

//! Any double(double): neither monotone nor rise-and-fall.
inline double zigzag(double percentile) {
  return percentile < 0.3 ? 0.8 : percentile < 0.6 ? 0.1 : 0.55;
}

inline const gs::curve monotone = gs::power{2.0};
inline const gs::curve interval = gs::band{0.8, 1.0, 0.05};
inline const gs::curve general = [](double percentile) { return zigzag(percentile); };

//! Losses with ties, special values and every sign, different from step to step.
inline std::vector<float> mixed(std::mt19937& random, std::size_t n) {
  std::vector<float> losses(n);
  for (float& loss : losses) {
    const auto kind = random() % 100;
    loss = kind < 60   ? static_cast<float>(random() % 1000) * 0.01f
           : kind < 90 ? static_cast<float>(random()) * 1e-9f - 1.0f
           : kind < 93 ? support::nan_f()
           : kind < 95 ? support::infinity_f()
           : kind < 96 ? support::negative_infinity_f()
           : kind < 98 ? -0.0f
                       : 1e-42f;
  }
  return losses;
}
inline std::vector<float> equal(std::mt19937&, std::size_t n) {
  return std::vector<float>(n, 0.25f);
}
//! Half of them NaN, so that many must be selected where NaN is.
inline std::vector<float> half_nan(std::mt19937& random, std::size_t n) {
  std::vector<float> losses = mixed(random, n);
  for (float& loss : losses) {
    if (random() % 2 == 0) loss = support::nan_f();
  }
  return losses;
}
using loss_kind = std::vector<float>(std::mt19937&, std::size_t);

//! How many floats lie between two of one sign.
inline std::uint32_t units_apart(float a, float b) {
  const std::uint32_t x = gs::float_bits(a), y = gs::float_bits(b);
  return x > y ? x - y : y - x;
}

inline std::vector<std::uint32_t> bits_of(std::span<const float> values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(gs::float_bits(value));
  return bits;
}

//! Random steps of a comparison: what GRADSIEVE_GPU_STEPS says, else few by emulation and many on a
//! device.
inline int steps_wanted() {
#if defined(GRADSIEVE_GPU_EMULATED)
  constexpr int usual = 8;
#else
  constexpr int usual = 1000;
#endif
  const char* const wanted = std::getenv("GRADSIEVE_GPU_STEPS");  // NOLINT(concurrency-mt-unsafe)
  const int steps = wanted == nullptr ? usual : std::atoi(wanted);
  return steps > 0 ? steps : usual;
}
inline const int usual_steps = steps_wanted();

struct run {
  std::uint32_t seed = 1;
  int steps = usual_steps;
  std::size_t most = 9000;
  loss_kind* losses = mixed;
  bool look_back = true;
};

//! Runs both for some steps on batches of sizes around those of warps and tiles: positions,
//! probabilities, and the state at the end.
template <class Selector = gs::poisson_selector>
void expect(const gs::sieve_options& options, const run& how, Selector selector = Selector()) {
  gs::basic_sieve<gs::loss_window, Selector> host(options, gs::loss_window(options.history),
                                                  selector);
  gs::gpu::basic_sieve<Selector> sieve;
  device::check(
      sieve.create(options, {.max_batch = how.most, .look_back = how.look_back}, selector));
  std::mt19937 random(how.seed);
  device::array<std::uint32_t> positions(how.most), count(1);
  const device::array<float> probabilities(how.most);
  const std::size_t sizes[] = {0, 1, 3, 31, 128, 1000, 4095, 4096, 4097, 8192, 8195};
  for (int step = 0; step < how.steps; ++step) {
    std::size_t n = sizes[random() % std::size(sizes)];
    if (n > how.most) n = random() % (how.most + 1);
    const std::vector<float> batch = how.losses(random, n);
    const device::array<float> there(batch);
    const gs::pick_options where{.first_position = random() % 3 == 0 ? random() : 4 * random()};
    if (step == how.steps / 2) {
      host.begin_epoch(1);
      device::check(sieve.begin_epoch(1));
    }
    const auto expected = host.pick(batch, where);
    device::check(sieve.pick(there.data(), n, positions.data(), count.data(), nullptr, where));
    INFO("step " << step << ", n " << n);
    REQUIRE(count[0] == expected.positions().size());
    const std::vector<std::uint32_t> got = positions.first(count[0]);
    REQUIRE(std::equal(got.begin(), got.end(), expected.positions().begin()));
    device::check(
        sieve.probabilities(there.data(), n, positions.data(), count.data(), probabilities.data()));
    REQUIRE(bits_of(probabilities.first(got.size())) == bits_of(expected.probabilities()));
  }
  std::vector<std::byte> bytes;
  device::check(sieve.save(bytes));
  CHECK(bytes == host.save());
}

//! Until the end of its life blocks run in any order.
struct any_order {
#if defined(GRADSIEVE_GPU_EMULATED)
  explicit any_order(std::uint64_t seed) {
    emulation::set_order(
        {.seed = seed, .resident = 1 + static_cast<unsigned>(seed % 5), .ascending = false});
  }
  ~any_order() { emulation::set_order({}); }
#else
  explicit any_order(std::uint64_t) {}
#endif
  any_order(const any_order&) = delete;
  any_order& operator=(const any_order&) = delete;
};

}  // namespace parity
