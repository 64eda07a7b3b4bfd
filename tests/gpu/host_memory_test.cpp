// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Memory that runs out, on either side, at each place where some is asked for. By emulation
//! alone: a driver's own allocations must not fail. Not under a sanitizer that has its own `new`.
#include <gradsieve/gpu/batch_accumulator.hpp>
#include <gradsieve/gpu/sieve.hpp>

#include "gpu/parity.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(GRADSIEVE_GPU_EMULATED) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
namespace gs = gradsieve;

namespace {

// After so many more allocations of the host one fails; 0: none does.
std::atomic<std::uint64_t> allocations_left{0};

void* allocate(std::size_t size) {
  if (allocations_left != 0 && !emulation::running() && --allocations_left == 0)
    throw std::bad_alloc();
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The array and nothrow forms call these by default.
void* operator new(std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

//! What `call` returns when the host's allocation number `which` fails.
template <class Call>
cudaError_t without_host_memory(std::uint64_t which, Call call) {
  allocations_left = which;
  const cudaError_t error = call();
  allocations_left = 0;
  return error;
}
template <class Call>
cudaError_t without_device_memory(std::uint64_t which, Call call) {
  emulation::fail_allocation(which);
  const cudaError_t error = call();
  emulation::fail_allocation(0);
  return error;
}

const gs::sieve_options options{
    .examples = 100, .policy = gs::power{2.0}, .history = 20, .seed = 3, .refresh = gs::max_age{6}};
const gs::gpu::device_options device_options{.max_batch = 50, .plans = true};

//! A sieve that has seen losses, and its state.
struct used_sieve {
  explicit used_sieve(std::uint32_t seed = 1) {
    device::check(sieve.create(options, device_options));
    std::vector<std::int64_t> all(50);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(2 * i);
    const device::array<std::int64_t> ids(all);
    std::mt19937 random(seed);
    const device::array<float> losses(parity::mixed(random, all.size()));
    device::check(sieve.observe(ids.data(), losses.data(), all.size()));
    device::check(sieve.plan(1));
    device::check(sieve.save(bytes));
  }
  gs::gpu::sieve sieve;
  std::vector<std::byte> bytes;
};

//! Lets memory fail at the first place, the second, …, until nothing does; returns how many places
//! there were. After each failure `sound` looks at what is left.
template <class Without, class Call, class Sound>
std::uint64_t each_place(Without without, Call call, Sound sound) {
  for (std::uint64_t which = 1;; ++which) {
    const cudaError_t error = without(which, call);
    if (error == cudaSuccess) return which - 1;
    CAPTURE(which);
    REQUIRE(error == cudaErrorMemoryAllocation);
    sound();
  }
}

//! Of `create`, `save` and `load`: how many places there were in each.
template <class Without>
std::array<std::uint64_t, 3> everywhere(Without without) {
  used_sieve there;
  std::vector<std::byte> bytes;
  const auto unchanged = [&] {
    REQUIRE(there.sieve.ready());
    device::check(there.sieve.save(bytes));
    REQUIRE(bytes == there.bytes);
  };
  const auto created = each_place(
      without, [&] { return there.sieve.create(options, device_options); }, unchanged);
  CHECK(there.sieve.ready());

  used_sieve saved;
  bytes.clear();
  const auto saves = each_place(
      without, [&] { return saved.sieve.save(bytes); }, [&] { REQUIRE(bytes.empty()); });
  CHECK(bytes == saved.bytes);

  // A load that has begun to write leaves nothing to go on with; one that has not, everything.
  used_sieve target(2);
  REQUIRE(target.bytes != saved.bytes);
  const auto loads = each_place(
      without, [&] { return target.sieve.load(saved.bytes); },
      [&] {
        if (target.sieve.ready()) {
          device::check(target.sieve.save(bytes));
          REQUIRE(bytes == target.bytes);
        } else {
          REQUIRE(target.sieve.save(bytes) == cudaErrorInvalidValue);
          device::check(target.sieve.create(options, device_options));
          device::check(target.sieve.load(target.bytes));
        }
      });
  device::check(target.sieve.save(bytes));
  CHECK(bytes == saved.bytes);
  return {created, saves, loads};
}

}  // namespace

TEST_CASE("memory: where the host has none, an error says so and nothing is half done",
          "[gpu][memory]") {
  const auto places =
      everywhere([](auto which, auto call) { return without_host_memory(which, call); });
  for (const std::uint64_t each : places) CHECK(each > 3);
}

TEST_CASE("memory: where the device has none, an error says so and nothing is half done",
          "[gpu][memory]") {
  const auto places =
      everywhere([](auto which, auto call) { return without_device_memory(which, call); });
  CHECK(places[0] > 10);
  CHECK(places[1] == 0);
}

TEST_CASE("memory: an accumulator without any is not created", "[gpu][memory]") {
  gs::gpu::batch_accumulator rows;
  const auto places =
      each_place([](auto which, auto call) { return without_device_memory(which, call); },
                 [&] {
                   return rows.create({.batch_size = 4, .capacity = 16}, {4, 8});
                 },
                 [&] { REQUIRE(!rows.ready()); });
  CHECK(places == 4);
}
#endif
