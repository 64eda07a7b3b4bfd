// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/methods/info_batch.hpp>
#include <gradsieve/methods/random_subsets.hpp>

#include <algorithm>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
namespace ms = gradsieve::methods;

namespace {

using method_type = gs::methods::epoch_method<ms::info_batch_rule>;

method_type seen(std::int64_t n = 40) {
  auto method = ms::info_batch{}.make({.examples = n, .epochs = 16, .seed = 2});
  for (const auto ids : method.plan(0).batches(7)) {
    std::vector<float> losses;
    for (const std::int64_t id : ids) losses.push_back(static_cast<float>(id * id % 23));
    method.observe(ids, losses);
  }
  return method;
}

struct counter {
  std::size_t offered = 0, selected = 0;
  void decided(const gs::decision& made) {
    offered += made.keys.size();
    selected += made.selected.size();
    CHECK(std::is_sorted(made.selected.begin(), made.selected.end()));
  }
};

}  // namespace

TEST_CASE("epoch method: everything in epoch 0; a plan asked for twice is the same plan") {
  method_type method = seen();
  CHECK(method.work().backwards == 40);
  CHECK(method.work().skipped == 0);
  const auto first = support::to_vector(method.plan(1).train());
  CHECK(method.plan(1).selective());
  CHECK(first.size() < 40);
  method.observe(std::vector<std::int64_t>{first[0]}, std::vector<float>{99});
  CHECK(support::to_vector(method.plan(1).train()) == first);
  CHECK(method.work().skipped == 40 - first.size());
  CHECK(method.keep_rate() == Approx(static_cast<double>(first.size()) / 40));
}

TEST_CASE("epoch method: batches hold each planned id once, with its weight") {
  method_type method = seen();
  const auto plan = method.plan(1);
  std::vector<std::int64_t> all;
  for (const auto ids : plan.batches(8)) {
    std::vector<float> weights(ids.size());
    plan.write_weights(ids, weights);
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(weights[i] == plan.weight(ids[i]));
    all.insert(all.end(), ids.begin(), ids.end());
  }
  CHECK_FALSE(std::is_sorted(all.begin(), all.end()));
  std::sort(all.begin(), all.end());
  CHECK(all == support::to_vector(plan.train()));
  CHECK(plan.batches(8, gs::last_batch::drop).size() == plan.size() / 8);
  CHECK(plan.batches(8, gs::last_batch::partial, 2).size() == (plan.size() + 7) / 8 - 2);
}

TEST_CASE("epoch method: a run stopped anywhere equals the unbroken one") {
  method_type whole = seen();
  for (std::uint32_t epoch = 1; epoch < 5; ++epoch) {
    const std::size_t batches = whole.plan(epoch).batches(6).size();
    for (std::size_t b = 0; b < batches; ++b) {
      method_type resumed = ms::info_batch{}.make({.examples = 40, .epochs = 16, .seed = 2});
      resumed.load(whole.save());
      CHECK(resumed.save() == whole.save());
      const auto ids = support::to_vector(whole.plan(epoch).batches(6)[b]);
      CHECK(support::to_vector(resumed.plan(epoch).batches(6)[b]) == ids);
      std::vector<float> losses;
      for (const std::int64_t id : ids) losses.push_back(static_cast<float>(id % 7));
      whole.observe(ids, losses);
    }
  }
}

TEST_CASE("epoch method: a state of other options or with anything changed is refused") {
  method_type method = seen(12);
  method.plan(1);
  const auto state = method.save();
  CHECK(support::damages_accepted(method, state) == 0);
  const auto refused = [&](const ms::info_batch& options, const ms::run_shape& run) {
    method_type other = options.make(run);
    return support::refuses(other, state);
  };
  CHECK(refused({}, {.examples = 13, .epochs = 16, .seed = 2}));
  CHECK(refused({}, {.examples = 12, .epochs = 16, .seed = 3}));
  CHECK(refused({}, {.examples = 12, .epochs = 17, .seed = 2}));
  CHECK(refused({.ratio = 0.25}, {.examples = 12, .epochs = 16, .seed = 2}));
  CHECK(refused({.delta = 0.5}, {.examples = 12, .epochs = 16, .seed = 2}));
  CHECK_FALSE(refused({}, {.examples = 12, .epochs = 16, .seed = 2}));
}

TEST_CASE("epoch choice: ids out of order or range, weights too few or not finite are refused") {
  const auto refused = [](const std::vector<std::int64_t>& ids, const std::vector<float>& weights) {
    gs::byte_writer out;
    out.put(std::span<const std::int64_t>(ids));
    out.put(std::span<const std::int64_t>());
    out.put(std::uint64_t{weights.size()});
    for (const float weight : weights) out.put(gs::float_bits(weight));
    gs::byte_reader in(out.view().data(), out.view().size());
    try {
      ms::epoch_choice().read(in, 5);
    } catch (const gs::state_error&) {
      return true;
    }
    return false;
  };
  CHECK_FALSE(refused({1, 1, 4}, {1, 2, 3}));
  CHECK_FALSE(refused({1, 4}, {}));
  CHECK(refused({4, 1}, {}));
  CHECK(refused({5}, {}));
  CHECK(refused({-1}, {}));
  CHECK(refused({1, 2}, {1}));
  CHECK(refused({1}, {-1}));
  CHECK(refused({1}, {support::nan_f()}));
}

TEST_CASE(
    "epoch method: NaN leaves the last loss alone and is counted; refreshes are no training") {
  method_type method = seen();
  const float before = method.ledger().at(3).loss();
  method.refresh(std::vector{3}, std::vector<float>{support::nan_f()});
  CHECK(method.ledger().at(3).loss() == before);
  CHECK(method.work().non_finite == 1);
  CHECK(method.work().refreshed == 1);
  CHECK(method.work().backwards == 40);
  CHECK(method.work().forwards == 41);
  method.refresh(std::vector{3}, std::vector<float>{5.5f});
  CHECK(method.ledger().at(3).loss() == 5.5f);
}

TEST_CASE("epoch method: retired examples are in no plan; all retired make an empty one") {
  method_type method = seen();
  method.retire(std::vector{1, 2, 3});
  for (std::uint32_t epoch = 1; epoch < 9; ++epoch) {
    for (const std::int64_t id : method.plan(epoch).train()) CHECK((id < 1 || id > 3));
  }
  method.retire(support::ids_from(0, 40));
  CHECK(method.plan(9).size() == 0);
  CHECK(method.plan(9).batches(4).size() == 0);
}

TEST_CASE("epoch method: an observer is told of all examples and of those planned") {
  auto method = ms::random_subsets{.keep = 0.25}.make({.examples = 10000, .seed = 3});
  counter seen_by;
  method.watch(seen_by);
  method.plan(0);
  CHECK(seen_by.offered == 10000);
  CHECK(seen_by.selected == 2500);
  method.unwatch();
  method.plan(1);
  CHECK(seen_by.offered == 10000);
}

TEST_CASE("epoch method: what cannot be is refused with the values") {
  CHECK_THROWS_WITH(ms::info_batch{}.make({.epochs = 4}), contains("examples is 0"));
  CHECK_THROWS_WITH(ms::info_batch{}.make({.examples = 4}), contains("info_batch: needs epochs"));
  CHECK_THROWS_AS((ms::info_batch{}.make({.examples = 4, .epochs = 4, .replica = 1u << 24})),
                  gs::invalid_argument);
  method_type method = seen();
  const auto plan = method.plan(1);
  std::vector<float> weights(2);
  CHECK_THROWS_AS(plan.weight(40), gs::out_of_range);
  CHECK_THROWS_WITH(plan.weight(-1), contains("id -1"));
  CHECK_THROWS_AS(plan.write_weights(plan.train().first(1), weights), gs::invalid_argument);
  CHECK_THROWS_AS(plan.batches(0), gs::invalid_argument);
  CHECK_THROWS_WITH(plan.batches(4, gs::last_batch::carry), contains("carry"));
  CHECK_THROWS_AS(plan.batches(4, gs::last_batch::partial, 99), gs::out_of_range);
  const auto before = method.save();
  CHECK_THROWS_AS(method.observe(std::vector{40}, std::vector<float>{1}), gs::out_of_range);
  CHECK_THROWS_AS(method.observe(std::vector{1, 2}, std::vector<float>{1}), gs::invalid_argument);
  CHECK(method.save() == before);
}
