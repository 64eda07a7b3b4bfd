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
