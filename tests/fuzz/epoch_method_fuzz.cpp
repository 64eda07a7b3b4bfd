// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/info_batch.hpp>

#include "fuzz/harness.hpp"
#include "support/special_values.hpp"

namespace {

struct epoch_method {
  using part = gradsieve::methods::epoch_method<gradsieve::methods::info_batch_rule>;
  static constexpr auto kind = gradsieve::state_kind::epoch_method;

  static std::vector<fuzz::twins<part>> objects() {
    const part fresh =
        gradsieve::methods::info_batch{}.make({.examples = 6, .epochs = 9, .seed = 5});
    part used = fresh;
    used.observe(std::vector{0, 1, 2, 3, 4}, std::vector<float>{1, 1, 1, 9, support::nan_f()});
    used.retire(std::vector{2});
    used.plan(1);
    return {{fresh, used}};
  }

  static void go_on(part& method, gradsieve::byte_writer& seen) {
    for (std::uint32_t step = 0; step < 3; ++step) {
      const auto plan = method.plan(method.epoch() + (step == 0 ? 0 : 1));
      for (const auto ids : plan.batches(2)) {
        for (const std::int64_t id : ids) {
          seen.put(id);
          seen.put(gradsieve::float_bits(plan.weight(id)));
        }
      }
      method.observe(std::vector{1}, std::vector<float>{0.5f});
      seen.put(method.work().skipped);
    }
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<epoch_method>(); }
