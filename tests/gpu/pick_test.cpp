// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/sieve.hpp>

#include "gpu/parity.hpp"

namespace gs = gradsieve;

namespace {

constexpr std::size_t most = 9000;

const gs::sieve_options usual{.policy = gs::power{2.0, 0.05}, .history = 64, .seed = 11};

//! A sieve on either side, and what a pick needs on the device.
struct both {
  explicit both(const gs::sieve_options& options)
      : host(options), positions(most), count(1), ids(most) {
    device::check(sieve.create(options, {.max_batch = most}));
  }
  void expect_equal_states() {
    std::vector<std::byte> bytes;
    device::check(sieve.save(bytes));
    CHECK(bytes == host.save());
  }

  gs::sieve host;
  gs::gpu::sieve sieve;
  device::array<std::uint32_t> positions, count;
  device::array<std::int64_t> ids;
};

template <class T>
T rounded(float loss);
template <>
double rounded<double>(float loss) {
  return static_cast<double>(loss) * 1.0000001;
}
//! Cut off, not rounded: any 16 bits will do.
template <>
gs::bfloat16_bits rounded<gs::bfloat16_bits>(float loss) {
  return {static_cast<std::uint16_t>(gs::float_bits(loss) >> 16)};
}
template <>
gs::float16_bits rounded<gs::float16_bits>(float loss) {
  return {static_cast<std::uint16_t>(gs::float_bits(loss) * 2654435761u >> 16)};
}

template <class T>
void expect_parity_of() {
  both sides(usual);
  std::mt19937 random(5);
  for (int step = 0; step < parity::usual_steps; ++step) {
    const std::size_t n = random() % most;
    std::vector<T> batch;
    for (const float loss : parity::mixed(random, n)) batch.push_back(rounded<T>(loss));
    const device::array<T> losses(batch);
    const auto expected = sides.host.pick(std::span<const T>(batch));
    device::check(sides.sieve.pick(losses.data(), n, sides.positions.data(), sides.count.data()));
    REQUIRE(sides.count[0] == expected.positions().size());
    const auto got = sides.positions.first(sides.count[0]);
    REQUIRE(std::equal(got.begin(), got.end(), expected.positions().begin()));
  }
  sides.expect_equal_states();
}

}  // namespace

TEST_CASE("pick: losses of every type decide as on the host", "[gpu]") {
  SECTION("double") { expect_parity_of<double>(); }
  SECTION("float16") { expect_parity_of<gs::float16_bits>(); }
  SECTION("bfloat16") { expect_parity_of<gs::bfloat16_bits>(); }
}

TEST_CASE("pick: losses that are aligned to their type alone", "[gpu]") {
  both sides(usual);
  std::mt19937 random(6);
  for (std::size_t shift = 1; shift < 4; ++shift) {
    const std::vector<float> batch = parity::mixed(random, 5000);
    const device::array<float> losses(batch);
    const std::size_t n = batch.size() - shift;
    const auto expected = sides.host.pick(std::span(batch).subspan(shift));
    device::check(
        sides.sieve.pick(losses.data() + shift, n, sides.positions.data(), sides.count.data()));
    REQUIRE(sides.count[0] == expected.positions().size());
    const auto got = sides.positions.first(sides.count[0]);
    CHECK(std::equal(got.begin(), got.end(), expected.positions().begin()));
  }
}

TEST_CASE("pick_mask: a bit for each example, none behind the batch", "[gpu]") {
  both sides(usual);
  std::mt19937 random(7);
  for (const std::size_t n :
       {std::size_t{64}, std::size_t{1}, std::size_t{33}, std::size_t{4097}, std::size_t{8999}}) {
    const std::vector<float> batch = parity::mixed(random, n);
    const device::array<float> losses(batch);
    const std::size_t words = (n + 31) / 32;
    const device::array<std::uint32_t> mask(std::vector<std::uint32_t>(words + 1, 0xABABABABu));
    const auto expected = sides.host.pick(batch);
    device::check(sides.sieve.pick_mask(losses.data(), n, mask.data(), sides.count.data()));
    std::vector<std::uint32_t> bits(words + 1, 0);
    for (const std::uint32_t position : expected.positions()) {
      bits[position / 32] |= 1u << position % 32;
    }
    bits.back() = 0xABABABABu;  // not ours to write
    CHECK(mask.values() == bits);
    CHECK(sides.count[0] == expected.positions().size());
  }
}

TEST_CASE("pick_ids: the ids of what is selected, drawn by position or by id", "[gpu]") {
  gs::sieve_options options = usual;
  options.keying = GENERATE(gs::draw_by::position, gs::draw_by::id);
  both sides(options);
  std::mt19937 random(8);
  for (int step = 0; step < parity::usual_steps; ++step) {
    const std::size_t n = random() % most;
    const std::vector<float> batch = parity::mixed(random, n);
    std::vector<std::int64_t> ids(n);
    for (std::int64_t& id : ids) id = static_cast<std::int64_t>(random()) << (random() % 9);
    const device::array<float> losses(batch);
    const device::array<std::int64_t> there(ids);
    const auto expected = sides.host.pick(ids, batch);
    device::check(
        sides.sieve.pick_ids(there.data(), losses.data(), n, sides.ids.data(), sides.count.data()));
    REQUIRE(sides.count[0] == expected.ids().size());
    const auto got = sides.ids.first(sides.count[0]);
    REQUIRE(std::equal(got.begin(), got.end(), expected.ids().begin()));
  }
  sides.expect_equal_states();
}

TEST_CASE("pick: NaN losses selected on request, schedules by steps, a long window", "[gpu]") {
  gs::sieve_options options = usual;
  options.on_non_finite = gs::non_finite::select;
  options.history = GENERATE(std::size_t{1024}, std::size_t{1025}, std::size_t{4096});
  options.total_steps = 8;
  options.active = gs::between{0.2, 0.9} && !gs::every_nth{3};
  parity::expect(options, {.seed = 9, .steps = 12, .losses = parity::half_nan});
}

#if defined(GRADSIEVE_GPU_EMULATED)
TEST_CASE("pick: blocks side by side, whatever their turns; tiles by ticket", "[gpu]") {
  const std::uint64_t seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{9}));
  // Two processors hold fewer blocks than 12 tiles need, so tiles are taken by ticket.
  emulation::set_order({.seed = seed, .resident = 1 + static_cast<unsigned>(seed)});
  parity::expect(usual, {.seed = 3, .steps = 5, .most = 12 * 4096});
  emulation::set_order({});
}

TEST_CASE("pick: one launch, nothing allocated", "[gpu]") {
  both sides(usual);
  const device::array<float> losses(std::vector<float>(most, 1.0f));
  const emulation::counts before = emulation::counted();
  for (int i = 0; i < 5; ++i) {
    device::check(
        sides.sieve.pick(losses.data(), most, sides.positions.data(), sides.count.data()));
  }
  CHECK(emulation::counted().launches == before.launches + 5);
  CHECK(emulation::counted().allocations == before.allocations);
}

TEST_CASE("bad input: no device, or another one than at the start", "[gpu]") {
  gs::gpu::sieve sieve;
  emulation::device_list().count = 0;
  CHECK(sieve.create(usual) == cudaErrorNoDevice);
  CHECK_THAT(sieve.message(), contains("no device"));
  emulation::device_list().count = 1;
  both sides(usual);
  emulation::device_list().current = 1;
  const device::array<float> losses(8);
  CHECK(sides.sieve.pick(losses.data(), 8, sides.positions.data(), sides.count.data()) ==
        cudaErrorInvalidDevice);
  CHECK_THAT(sides.sieve.message(), contains("another device"));
  emulation::device_list().current = 0;
}
#endif

TEST_CASE("bad input: arguments of a pick", "[gpu]") {
  both sides(usual);
  const device::array<float> losses(16);
  auto* positions = sides.positions.data();
  auto* count = sides.count.data();
  const float* none = nullptr;
  const auto refused = [&](cudaError_t error, const char* why) {
    CHECK(error == cudaErrorInvalidValue);
    CHECK_THAT(sides.sieve.message(), contains(why));
  };
  refused(gs::gpu::sieve().pick(losses.data(), 1, positions, count), "");
  refused(sides.sieve.pick(losses.data(), most + 1, positions, count), "max_batch");
  refused(sides.sieve.pick(none, 1, positions, count), "losses");
  std::uint32_t* nowhere = nullptr;
  refused(sides.sieve.pick(losses.data(), 1, nowhere, count), "output");
  refused(sides.sieve.pick(losses.data(), 1, positions, nowhere), "count");
  const auto shifted = reinterpret_cast<std::uintptr_t>(positions) + 2;
  refused(sides.sieve.pick(losses.data(), 1, reinterpret_cast<std::uint32_t*>(shifted), count),
          "aligned");
  // An empty batch has no need of either.
  device::check(sides.sieve.pick(none, 0, nowhere, count));
  CHECK(sides.count[0] == 0);
}

TEST_CASE("bad input: options that have no meaning on a device", "[gpu]") {
  const auto refused = [](auto change, const char* why) {
    gs::sieve_options options = usual;
    change(options);
    gs::gpu::sieve sieve;
    CHECK(sieve.create(options) == cudaErrorNotSupported);
    CHECK_THAT(sieve.message(), contains(why));
    CHECK(!sieve.ready());
  };
  refused([](gs::sieve_options& o) { o.history = 4097; }, "history");
  refused([](gs::sieve_options& o) { o.min_fill = 3; }, "min_fill");
  refused([](gs::sieve_options& o) { o.min_batch = 2; }, "min_batch");
  refused([](gs::sieve_options& o) { o.queue.batch_size = 2; }, "queue");
  refused([](gs::sieve_options& o) { o.on_non_finite = gs::non_finite::raise; }, "raise");
  refused([](gs::sieve_options& o) { o.per_group = {gs::power{}, gs::power{}}; }, "group");
  gs::gpu::sieve sieve;
  CHECK(sieve.create(usual, {.max_batch = 0xfffff000u}) == cudaErrorNotSupported);
  CHECK_THAT(sieve.message(), contains("max_batch"));
}

TEST_CASE("bad input: a sieve that was moved away is not there, and can be made again", "[gpu]") {
  both sides(usual), target(usual);
  const device::array<float> losses(16);
  const auto pick = [&](gs::gpu::sieve& sieve) {
    return sieve.pick(losses.data(), 16, sides.positions.data(), sides.count.data());
  };
  gs::gpu::sieve moved(std::move(sides.sieve));
  CHECK_FALSE(sides.sieve.ready());
  CHECK(pick(sides.sieve) == cudaErrorInvalidValue);
  CHECK_THAT(sides.sieve.message(), contains("not created"));
  CHECK(pick(moved) == cudaSuccess);
  target.sieve = std::move(moved);  // one that was there before
  CHECK_FALSE(moved.ready());
  CHECK(pick(moved) == cudaErrorInvalidValue);
  CHECK(pick(target.sieve) == cudaSuccess);
  CHECK(moved.create(usual) == cudaSuccess);
  CHECK(pick(moved) == cudaSuccess);
}

TEST_CASE("bad input: what a call was told is gone with the next call", "[gpu]") {
  both sides(usual);
  const device::array<float> losses(16);
  const auto pick = [&](std::size_t n) {
    return sides.sieve.pick(losses.data(), n, sides.positions.data(), sides.count.data());
  };
  CHECK(pick(most + 1) == cudaErrorInvalidValue);
  CHECK_THAT(sides.sieve.message(), contains("max_batch"));
  CHECK(pick(16) == cudaSuccess);
  CHECK(std::string(sides.sieve.message()).empty());
}
