// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "libtorch/torch.hpp"

#include <gradsieve/libtorch/sieve.hpp>

using namespace torch_support;
namespace gs = gradsieve;

namespace {

const gs::sieve_options plain{.policy = gs::power{.beta = 2.0}, .history = 64, .seed = 3};
const gs::sieve_options with_ledger{
    .examples = 500, .policy = gs::power{.beta = 2.0, .floor = 0.05}, .history = 64, .seed = 3};

std::vector<std::int64_t> widened(std::span<const std::uint32_t> positions) {
  return {positions.begin(), positions.end()};
}

std::vector<std::byte> bytes_of(const at::Tensor& state) {
  const auto* const first = static_cast<const std::byte*>(state.const_data_ptr());
  return {first, first + state.numel()};
}

}  // namespace

TEST_CASE("sieve: picks, probabilities and weights are the core's, of every dtype") {
  const auto type = GENERATE(torch::kFloat, torch::kDouble, torch::kHalf, torch::kBFloat16);
  gs::libtorch::sieve tensors(with_ledger);
  gs::sieve core(with_ledger);
  for (std::int64_t batch = 0; batch < 6; ++batch) {
    const at::Tensor losses = some_losses(100, batch).to(type);
    const auto same = values<float>(losses.to(torch::kFloat));
    const at::Tensor index = tensors.pick(losses);
    const auto picked = core.pick(same);
    CHECK(index.scalar_type() == torch::kLong);
    CHECK(index.device() == losses.device());
    CHECK(values<std::int64_t>(index) == widened(picked.positions()));
    CHECK(values<float>(tensors.probabilities()) ==
          std::vector(picked.probabilities().begin(), picked.probabilities().end()));
    const auto weights = picked.weights(gs::normalisation::unbiased, {.cap = 3});
    CHECK(values<float>(tensors.selection_weights(gs::normalisation::unbiased, {.cap = 3})) ==
          std::vector(weights.begin(), weights.end()));
    if (batch > 0) CHECK((index.numel() > 0 && index.numel() < 100));
  }
  CHECK(tensors.work() == core.work());
  CHECK((bytes_of(tensors.save()) == core.save()));
}

TEST_CASE("sieve: picks with ids, refreshes, records, retires and plans as the core") {
  gs::libtorch::sieve tensors(with_ledger);
  gs::sieve core(with_ledger);
  const auto each = [&](const at::Tensor& ids, std::int64_t batch, auto call) {
    const at::Tensor losses = some_losses(ids.numel(), batch);
    call(tensors, ids, losses);
    call(core, values<std::int64_t>(ids), values<float>(losses));
  };
  const at::Tensor all = torch::arange(500);
  each(all, 0, [](auto& s, const auto& ids, const auto& losses) { s.observe(ids, losses); });
  each(all.slice(0, 10, 60), 1,
       [](auto& s, const auto& ids, const auto& losses) { s.refresh(ids, losses); });
  each(all.slice(0, 50, 90), 2,
       [](auto& s, const auto& ids, const auto& losses) { s.record(ids, losses); });
  tensors.retire(torch::tensor({4, 9}, torch::kInt32));
  core.retire(std::vector{4, 9});

  const at::Tensor ids = torch::arange(100, 200).flip(0), losses = some_losses(100, 3);
  const auto picked = core.pick(values<std::int64_t>(ids), values<float>(losses));
  CHECK(values<std::int64_t>(tensors.pick(ids, losses)) == widened(picked.positions()));
  const auto again = core.pick(values<std::int64_t>(ids), values<float>(losses));
  CHECK(values<std::int64_t>(tensors.pick_ids(ids.to(torch::kInt32), losses)) ==
        std::vector(again.ids().begin(), again.ids().end()));

  for (const std::uint32_t epoch : {1u, 2u}) {
    const at::Tensor plan = tensors.plan(epoch);
    std::vector<std::int64_t> expected;
    for (const auto batch : core.plan(epoch).batches(64)) {
      expected.insert(expected.end(), batch.begin(), batch.end());
    }
    CHECK(values<std::int64_t>(plan) == expected);
    CHECK((plan.numel() > 0 && plan.numel() < 500));
  }
  tensors.begin_epoch(7);
  core.begin_epoch(7);
  CHECK((bytes_of(tensors.save()) == core.save()));
}

TEST_CASE("sieve: a plan's stale and spared ids are the core's") {
  const gs::sieve_options options{.examples = 300,
                                  .policy = gs::band{.cap = 0.7},
                                  .history = 64,
                                  .seed = 5,
                                  .refresh = gs::max_age{2}};
  gs::libtorch::sieve tensors(options);
  gs::sieve core(options);
  const at::Tensor all = torch::arange(300), losses = some_losses(300);
  tensors.plan(0);
  core.plan(0);
  tensors.observe(all, losses);
  core.observe(values<std::int64_t>(all), values<float>(losses));
  for (const std::uint32_t epoch : {1u, 2u, 3u}) {
    const at::Tensor plan = tensors.plan(epoch);
    const auto spared = core.plan(epoch).refresh();
    CHECK(plan.numel() == std::int64_t(core.plan(epoch).size()));
    CHECK(values<std::int64_t>(tensors.plan_refresh()) ==
          std::vector(spared.begin(), spared.end()));
  }
  CHECK(tensors.plan_refresh().numel() > 0);
}

TEST_CASE("sieve: weights are the core's and have mean one") {
  gs::libtorch::sieve tensors(plain);
  gs::sieve core(plain);
  for (std::int64_t batch = 0; batch < 3; ++batch) {
    const at::Tensor losses = some_losses(50, batch);
    const at::Tensor weights = tensors.weights(losses);
    const auto expected = core.weights(values<float>(losses));
    CHECK(values<float>(weights) == std::vector(expected.begin(), expected.end()));
    CHECK(weights.mean().item<float>() == Approx(1));
  }
}

TEST_CASE("sieve: strided losses, and those with a graph, are read as they are and not changed") {
  gs::libtorch::sieve strided(plain), packed(plain), graph(plain);
  for (std::int64_t batch = 0; batch < 4; ++batch) {
    const at::Tensor losses = some_losses(100, batch), before = losses.clone();
    const at::Tensor wide = torch::stack({losses, losses * 0 - 1}, 1);
    REQUIRE_FALSE(wide.select(1, 0).is_contiguous());
    const auto expected = values<std::int64_t>(packed.pick(losses));
    CHECK(values<std::int64_t>(strided.pick(wide.select(1, 0))) == expected);

    const at::Tensor parameter = torch::ones({1}, torch::requires_grad());
    const at::Tensor with_graph = losses * parameter;
    const at::Tensor index = graph.pick(with_graph);
    CHECK(values<std::int64_t>(index) == expected);
    CHECK_FALSE(index.requires_grad());
    with_graph.index_select(0, index).sum().backward();
    CHECK(parameter.grad().item<float>() ==
          Approx(losses.index_select(0, index).sum().item<float>()));
    CHECK(same_bits(losses, before));
  }
}

TEST_CASE("sieve: a static selection is the pick, filled up with the first") {
  gs::libtorch::sieve dynamic(plain), fixed(plain);
  for (std::int64_t batch = 0; batch < 4; ++batch) {
    const at::Tensor losses = some_losses(100, batch), index = dynamic.pick(losses);
    const std::int64_t size = batch % 2 == 0 ? -1 : 120;
    const auto selected = fixed.pick_static(losses, size);
    CHECK(selected.index.numel() == (size == -1 ? 100 : size));
    CHECK(selected.kept.sum().item<std::int64_t>() == index.numel());
    CHECK(torch::equal(selected.index.masked_select(selected.kept), index));
    const at::Tensor filled = selected.index.masked_select(selected.kept.logical_not());
    CHECK(filled.eq(index[0]).all().item<bool>());
  }
  const at::Tensor nans = torch::full({5}, std::nan(""));
  const auto none = fixed.pick_static(nans, 3);
  CHECK_FALSE(none.kept.any().item<bool>());
  CHECK(none.index.eq(0).all().item<bool>());
}

TEST_CASE("sieve: exactly k has a static shape also while everything is selected") {
  gs::libtorch::exactly_k_sieve sieve(plain, at::kCPU, gs::exactly_k_selector{16});
  for (std::int64_t batch = 0; batch < 3; ++batch) {
    const auto selected = sieve.pick_static(some_losses(50, batch));
    CHECK(selected.index.numel() == 16);
    CHECK(selected.kept.all().item<bool>());
    CHECK(std::get<0>(torch::_unique(selected.index)).numel() == 16);
  }
  CHECK(sieve.pick_static(some_losses(9)).index.numel() == 9);
}

TEST_CASE("sieve: a state goes between tensors and the core, and a run goes on bit for bit") {
  gs::libtorch::sieve whole(plain), second(plain);
  whole.pick(some_losses(100, 0));
  gs::sieve core(plain);
  core.load(bytes_of(whole.save()));
  second.load(whole.save());
  const at::Tensor losses = some_losses(100, 1);
  const at::Tensor index = whole.pick(losses);
  CHECK(torch::equal(second.pick(losses), index));
  CHECK(widened(core.pick(values<float>(losses)).positions()) == values<std::int64_t>(index));
}

TEST_CASE("sieve: empty batches select nothing") {
  gs::libtorch::sieve sieve(with_ledger);
  const at::Tensor none = torch::empty({0});
  CHECK(sieve.pick(none).numel() == 0);
  CHECK(sieve.pick_static(none).index.numel() == 0);
  CHECK(sieve.weights(none).numel() == 0);
  sieve.observe(torch::empty({0}, torch::kLong), none);
  CHECK(sieve.work().forwards == 0);
}

TEST_CASE("sieve: a NaN is not selected and never enters the history") {
  gs::libtorch::sieve sieve(plain);
  at::Tensor losses = some_losses(100);
  losses[3] = std::nan("");
  CHECK_FALSE(sieve.pick(losses).eq(3).any().item<bool>());
  CHECK(sieve.work().non_finite == 1);
}

TEST_CASE("sieve: losses that cannot be are refused by torch's own errors, and change nothing") {
  gs::libtorch::sieve sieve(with_ledger);
  sieve.pick(some_losses(100));
  const at::Tensor before = sieve.save(), good = some_losses(3);
  const auto refused = [&](const at::Tensor& losses, const char* why) {
    REQUIRE_THROWS_WITH(sieve.pick(losses), contains(why));
    REQUIRE_THROWS_AS(sieve.pick(losses), c10::Error);
    REQUIRE_THROWS_WITH(sieve.weights(losses), contains(why));
    REQUIRE_THROWS_WITH(sieve.pick_static(losses), contains(why));
    REQUIRE_THROWS_WITH(sieve.observe(torch::arange(3), losses), contains(why));
  };
  refused({}, "undefined");
  refused(torch::tensor(1.0), "have 0 dimensions");
  refused(torch::ones({3, 1}), "have 2 dimensions");
  refused(torch::ones({3}, torch::kLong), "losses are Long");
  refused(torch::ones({3}, torch::kBool), "losses are Bool");
  refused(torch::ones({3}, torch::kComplexFloat), "losses are ComplexFloat");
  refused(torch::ones({3}).to_sparse(), "dense");
  refused(torch::ones({3}, torch::kMeta), "are on meta, the sieve is on cpu");
  REQUIRE_THROWS_AS(sieve.pick(torch::ones({3}, torch::kLong)), c10::TypeError);
  REQUIRE_THROWS_AS(sieve.pick(torch::tensor(1.0)), c10::ValueError);
  REQUIRE_THROWS_WITH(sieve.pick_static(good, -2), contains("size is -2"));
  CHECK(same_bits(sieve.save(), before));
}

TEST_CASE("sieve: ids that cannot be are refused by torch's own errors, and change nothing") {
  gs::libtorch::sieve sieve(with_ledger);
  const at::Tensor before = sieve.save(), losses = some_losses(3);
  const auto refused = [&](const at::Tensor& ids, const char* why) {
    REQUIRE_THROWS_WITH(sieve.observe(ids, losses), contains(why));
    REQUIRE_THROWS_WITH(sieve.refresh(ids, losses), contains(why));
    REQUIRE_THROWS_WITH(sieve.record(ids, losses), contains(why));
    REQUIRE_THROWS_WITH(sieve.pick(ids, losses), contains(why));
    REQUIRE_THROWS_WITH(sieve.pick_ids(ids, losses), contains(why));
  };
  refused(torch::tensor({1, 2, 500}), "500");
  refused(torch::tensor({1, -2, 3}), "-2");
  refused(torch::tensor({1.0, 2.0, 3.0}), "ids are Float");
  refused(torch::tensor({true, false, true}), "ids are Bool");
  refused(torch::tensor({1, 2}), "2 ids and 3 losses");
  refused(torch::tensor({{1, 2, 3}}), "have 2 dimensions");
  refused({}, "undefined");
  REQUIRE_THROWS_AS(sieve.observe(torch::tensor({1, 2, 500}), losses), c10::IndexError);
  REQUIRE_THROWS_AS(sieve.observe(torch::tensor({1.0, 2.0, 3.0}), losses), c10::TypeError);
  REQUIRE_THROWS_AS(sieve.retire(torch::tensor({500})), c10::IndexError);
  CHECK(same_bits(sieve.save(), before));
}

TEST_CASE("sieve: options and states that cannot be are refused by torch's own errors") {
  REQUIRE_THROWS_AS(gs::libtorch::sieve({.history = 0}), c10::ValueError);
  REQUIRE_THROWS_AS(gs::libtorch::sieve({.policy = gs::power{.beta = -1.0}}), c10::ValueError);
  REQUIRE_THROWS_WITH(gs::libtorch::sieve(plain, at::Device(at::kMeta)), contains("meta"));
  REQUIRE_THROWS_WITH(gs::libtorch::sieve(plain, at::Device(at::kCUDA)), contains("cuda.hpp"));
  gs::libtorch::sieve sieve(plain), other({.history = 64, .seed = 4});
  REQUIRE_THROWS_WITH(sieve.to(at::Device(at::kCUDA)), contains("cuda.hpp"));
  REQUIRE_THROWS_WITH(sieve.load(other.save()), contains("seed"));
  REQUIRE_THROWS_AS(sieve.load(torch::zeros({8}, torch::kByte)), c10::Error);
  REQUIRE_THROWS_AS(sieve.load(torch::zeros({8})), c10::TypeError);
  REQUIRE_THROWS_AS(sieve.load({}), c10::ValueError);
  REQUIRE_THROWS_WITH(sieve.plan(0), contains("ledger"));
  REQUIRE_THROWS_WITH(sieve.probabilities(), contains("no pick"));
  sieve.pick(some_losses(100));
  REQUIRE_THROWS_WITH(sieve.selection_weights(gs::normalisation::unbiased), contains("floor"));
  gs::libtorch::sieve raising({.history = 64, .seed = 3, .on_non_finite = gs::non_finite::raise});
  REQUIRE_THROWS_AS(raising.pick(torch::full({2}, std::nan(""))), c10::ValueError);
}
