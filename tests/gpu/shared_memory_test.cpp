// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The shared memory that launches ask for, which ptxas does not know: a budget for each
//! call.
#include <gradsieve/gpu/batch_accumulator.hpp>
#include <gradsieve/gpu/compact.hpp>
#include <gradsieve/gpu/sieve.hpp>

#include "gpu/parity.hpp"

namespace gs = gradsieve;

#if defined(GRADSIEVE_GPU_EMULATED)
namespace {

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t n = 5000;  // more than a tile

//! The most that a launch of `call` asks for.
template <class Call>
std::size_t shared_by(Call call) {
  emulation::most_shared();
  device::check(call());
  return emulation::most_shared();
}

//! A sieve of one selector, and the arguments of its calls.
template <class Selector>
struct fixture {
  fixture(const gs::curve& policy, std::size_t history, bool look_back, Selector selector) {
    const gs::sieve_options options{.examples = 100,
                                    .policy = policy,
                                    .history = history,
                                    .seed = 3,
                                    .refresh = gs::max_age{6}};
    device::check(
        sieve.create(options, {.max_batch = n, .look_back = look_back, .plans = true}, selector));
    std::mt19937 random(1);
    losses.assign(parity::mixed(random, n));
  }
  std::size_t pick() {
    return shared_by([&] { return sieve.pick(losses.data(), n, out.data(), count.data()); });
  }
  gs::gpu::basic_sieve<Selector> sieve;
  device::array<float> losses{n}, weights{n};
  device::array<std::uint32_t> out{n}, count{1};
};

//! A hill whose masses all differ, which takes the largest tables.
const gs::curve hill = [](double percentile) {
  return 0.9 - 0.8 * (percentile - 0.613) * (percentile - 0.613);
};

//! A device whose blocks can be allowed so much, until the end of its life.
struct device_with {
  explicit device_with(std::size_t bytes) {
    emulation::device_list().most_shared = static_cast<int>(bytes);
  }
  ~device_with() { emulation::device_list() = {}; }
  device_with(const device_with&) = delete;
  device_with& operator=(const device_with&) = delete;
};

const gs::curve& curve_of(int form) {
  return form == 0 ? parity::monotone : form == 1 ? parity::interval : parity::general;
}

}  // namespace

TEST_CASE("shared memory: a pick leaves room for four blocks of a processor by the usual window",
          "[gpu][shared]") {
  const int form = GENERATE(0, 1, 2);
  const bool look_back = GENERATE(true, false);
  CAPTURE(form, look_back);
  fixture<gs::poisson_selector> usual(curve_of(form), 1024, look_back, {});
  // An H100 has 227 KiB for its blocks, and keeps 1 KiB of each.
  CHECK(usual.pick() <= 227 * kibibyte / 4 - kibibyte);
}

TEST_CASE("shared memory: no launch asks for more than the smallest device has", "[gpu][shared]") {
  // 99 KiB, of sm_86, sm_89 and sm_120; sm_80 and sm_90 have more.
  constexpr std::size_t most = 99 * kibibyte;
  const int form = GENERATE(0, 1, 2);
  CAPTURE(form);
  fixture<gs::poisson_selector> longest(curve_of(form), 4096, true, {});
  CHECK(longest.pick() <= most);
  CHECK(shared_by([&] { return longest.sieve.plan(1); }) <= most);
  fixture<gs::poisson_selector> passes(curve_of(form), 4096, false, {});
  CHECK(passes.pick() <= most);
  fixture<gs::exactly_k_selector> k(curve_of(form), 4096, true, gs::exactly_k_selector(1000));
  CHECK(k.pick() <= most);
}

TEST_CASE("shared memory: tables beyond a block's are refused at the start, in words",
          "[gpu][shared]") {
  const gs::sieve_options ties_at_64{
      .policy = parity::general, .history = 4096, .tied = gs::ties::averaged};
  const gs::sieve_options hill_at_99{.policy = hill, .history = 4096};
  const auto refused = [](const gs::sieve_options& options, std::size_t most) {
    const device_with limit(most);
    gs::gpu::sieve sieve;
    CHECK(sieve.create(options) == cudaErrorNotSupported);
    CHECK_THAT(sieve.message(), contains("shorten the history"));
    CHECK_FALSE(sieve.ready());
    gs::sieve_options shorter = options;
    shorter.history = 1024;
    CHECK(sieve.create(shorter) == cudaSuccess);
  };
  refused(ties_at_64, 64 * kibibyte);
  refused(hill_at_99, 99 * kibibyte);
  gs::gpu::sieve sieve;
  CHECK(sieve.create(hill_at_99) == cudaSuccess);  // an H100's blocks can have 227 KiB
}

TEST_CASE("shared memory: a sieve is made exactly where its launches have room", "[gpu][shared]") {
  const gs::curve& policy =
      *GENERATE(&parity::monotone, &parity::interval, &parity::general, &hill);
  const auto tied = GENERATE(gs::ties::strict, gs::ties::averaged);
  const gs::sieve_options options{
      .examples = 100, .policy = policy, .history = 3000, .refresh = gs::max_age{6}, .tied = tied};
  const auto exact = [&](auto sieve, const gs::gpu::device_options& how, auto selector) {
    device::check(sieve.create(options, how, selector));
    const device::array<float> losses(std::vector<float>(n, 1.0f));
    const device::array<std::uint32_t> out(n), count(1);
    std::size_t most =
        shared_by([&] { return sieve.pick(losses.data(), n, out.data(), count.data()); });
    if (how.plans) most = std::max(most, shared_by([&] { return sieve.plan(1); }));
    {
      const device_with enough(most);
      CHECK(sieve.create(options, how, selector) == cudaSuccess);
    }
    const device_with less(most - 1);
    CHECK(sieve.create(options, how, selector) == cudaErrorNotSupported);
  };
  exact(gs::gpu::sieve(), {.max_batch = n}, gs::poisson_selector());
  exact(gs::gpu::sieve(), {.max_batch = n, .plans = true}, gs::poisson_selector());
}

TEST_CASE("shared memory: what is not a decision needs little", "[gpu][shared]") {
  fixture<gs::poisson_selector> by(parity::monotone, 1024, true, {});
  by.pick();
  constexpr std::size_t little = 8 * kibibyte;
  CHECK(shared_by([&] {
          return by.sieve.selection_weights(by.weights.data(), by.count.data(), n,
                                            gs::normalisation::mean_one, by.weights.data());
        }) <= little);
  gs::gpu::row_compactor compactor;
  device::check(compactor.create(4 * n));
  CHECK(shared_by([&] {
          return compactor.compact(by.losses.data(), 4, by.out.data(), by.count.data(), n);
        }) <= little);
  gs::gpu::batch_accumulator rows;
  device::check(rows.create({.batch_size = 8, .capacity = 8000}, {4}));
  CHECK(shared_by([&] {
          return rows.append({by.losses.data()}, by.out.data(), by.count.data(), n);
        }) <= little);
}
#endif
