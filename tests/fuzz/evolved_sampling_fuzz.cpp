// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/evolved_sampling.hpp>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

struct evolved_sampling {
  using part = gradsieve::methods::evolved_sampler;
  static constexpr auto kind = gradsieve::state_kind::evolved_sampling;

  static std::vector<fuzz::twins<part>> objects() {
    const part fresh =
        gradsieve::methods::evolved_sampling{}.make({.examples = 4, .epochs = 9, .seed = 5});
    part used = fresh;
    used.begin_epoch(3);
    used.pick(std::vector{0, 1, 2}, std::vector<float>{1, 4, support::nan_f()});
    return {{fresh, used}};
  }

  static void go_on(part& method, gradsieve::byte_writer& seen) {
    for (int step = 0; step < 3; ++step) {
      const auto picked = method.pick(std::vector{0, 1, 2, 3}, std::vector<float>{1, 4, 2, 3});
      for (const std::uint32_t position : picked.positions()) seen.put(position);
      seen.put(gradsieve::float_bits(method.weights().mean(1)));
    }
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<evolved_sampling>(); }
