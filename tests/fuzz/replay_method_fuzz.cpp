// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/prioritised_replay.hpp>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

struct replay_method {
  using part = gradsieve::methods::replay;
  static constexpr auto kind = gradsieve::state_kind::prioritised_replay;

  static std::vector<fuzz::twins<part>> objects() {
    std::vector<fuzz::twins<part>> pairs;
    for (const auto& options : {gradsieve::methods::prioritised_replay{},
                                gradsieve::methods::prioritised_replay::ranked()}) {
      const part fresh = options.make({.examples = 5, .epochs = 9, .seed = 5});
      part used = fresh;
      used.observe(std::vector{0, 1, 2, 3}, std::vector<float>{1, 7, -2, support::nan_f()});
      used.retire(std::vector{2});
      used.draw(3);
      used.begin_epoch(1);
      pairs.push_back({fresh, used});
    }
    return pairs;
  }

  static void go_on(part& method, gradsieve::byte_writer& seen) {
    for (std::uint32_t step = 0; step < 3; ++step) {
      const auto batch = method.draw(4);
      for (const std::int64_t id : batch.ids) seen.put(id);
      for (const float weight : batch.weights) seen.put(gradsieve::float_bits(weight));
      method.observe(std::vector{1}, std::vector<float>{0.5f});
      method.begin_epoch(step + 2);
    }
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<replay_method>(); }
