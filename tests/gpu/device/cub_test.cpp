// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file CUB's selection as an oracle: the same decisions, compacted by somebody else.
#include <gradsieve/gpu/sieve.hpp>

#include "catch.hpp"
#include "gpu/cub_select.hpp"
#include "gpu/parity.hpp"

namespace gs = gradsieve;

TEST_CASE("cub: its compaction of the host's decisions is the kernel's output", "[gpu]") {
  const std::size_t n = GENERATE(std::size_t{1}, std::size_t{4097}, std::size_t{1'000'003});
  const gs::sieve_options options{.policy = gs::power{2.0}, .history = 1024, .seed = 9};
  std::mt19937 random(5);
  gs::gpu::sieve sieve;
  device::check(sieve.create(options, {.max_batch = std::max(n, std::size_t{1024})}));
  const device::array<float> warm_up(parity::mixed(random, 1024)), losses(parity::mixed(random, n));
  device::array<std::uint32_t> positions(std::max(n, std::size_t{1024})), count(1);
  for (int i = 0; i < 3; ++i) {
    device::check(sieve.pick(warm_up.data(), 1024, positions.data(), count.data()));
  }
  device::check(sieve.pick(losses.data(), n, positions.data(), count.data()));
  const std::uint32_t ours = count[0];
  const std::vector<std::uint32_t> expected = positions.first(ours);

  // The window that decided is the newest, since the batch enters before it is decided.
  gs::gpu::sieve_state state;
  device::check(sieve.read_state(state));
  cub_select::selection<float>(losses.data(), n, sieve, state.step - 1)(positions.data(),
                                                                        count.data());
  REQUIRE(count[0] == ours);
  CHECK(positions.first(ours) == expected);
}
