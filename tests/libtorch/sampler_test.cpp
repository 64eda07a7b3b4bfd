// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "libtorch/torch.hpp"

#include <gradsieve/libtorch/dataset.hpp>
#include <gradsieve/libtorch/sampler.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace torch_support;
namespace gs = gradsieve;
namespace data = torch::data;
using gs::libtorch::sampler;

namespace {

const gs::sieve_options options{.examples = 600,
                                .policy = gs::power{.beta = 2.0},
                                .history = 64,
                                .seed = 3,
                                .refresh = gs::max_age{4}};

//! Example i is its own id.
struct identity : data::datasets::BatchDataset<identity, data::Example<>> {
  data::Example<> get_batch(c10::ArrayRef<std::size_t> indices) override {
    std::vector<std::int64_t> ids(indices.begin(), indices.end());
    return {torch::tensor(ids), torch::tensor(ids)};
  }
  std::optional<std::size_t> size() const override { return 600; }
};

at::Tensor loss_of(const at::Tensor& ids, std::int64_t epoch) {
  return (ids * 7919 + epoch * 31).remainder(10007).to(torch::kFloat) / 1000;
}
at::Tensor to_ids(const std::vector<std::size_t>& indices) {
  return torch::tensor(std::vector<std::int64_t>(indices.begin(), indices.end()));
}

//! Ids in the order in which they were trained.
using trained = std::vector<std::int64_t>;

//! Trains the next epochs, all that `handle` hands out; returns the ids.
trained train(sampler handle, int epochs, std::size_t batch_size = 50) {
  trained all;
  for (int i = 0; i < epochs; ++i) {
    handle.reset();
    while (const auto batch = handle.next(batch_size)) {
      const at::Tensor ids = to_ids(*batch);
      all.insert(all.end(), batch->begin(), batch->end());
      handle.observe(ids, loss_of(ids, handle.epoch()));
    }
  }
  return all;
}

}  // namespace

TEST_CASE("sampler: its epochs are the core's plans") {
  sampler handle(options);
  gs::sieve core(options);
  CHECK(handle.epoch() == -1);
  CHECK(handle.size() == 0);
  for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
    handle.reset();
    CHECK(handle.epoch() == epoch);
    CHECK(handle.size() == core.plan(epoch).size());
    for (const auto expected : core.plan(epoch).batches(64)) {
      const auto batch = handle.next(64);
      REQUIRE(batch);
      const at::Tensor ids = to_ids(*batch), losses = loss_of(ids, epoch);
      CHECK(values<std::int64_t>(ids) == std::vector(expected.begin(), expected.end()));
      handle.observe(ids, losses);
      core.observe(expected, values<float>(losses));
    }
    CHECK_FALSE(handle.next(64));
    if (epoch > 0) CHECK((handle.size() > 0 && handle.size() < 600));
  }
  CHECK(handle.work() == core.work());
  CHECK((handle.with([](const gs::sieve& sieve) { return sieve.save(); }) == core.save()));
}

TEST_CASE("sampler: a loader hands out the same ids on any number of workers", "[threads]") {
  const auto workers = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{2});
  sampler handle(options);
  auto loader =
      data::make_data_loader(gs::libtorch::with_ids(identity()), handle,
                             data::DataLoaderOptions(50).workers(workers).max_jobs(3 * workers));
  trained all;
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (auto& batch : *loader) {
      CHECK(torch::equal(batch.ids, batch.data));
      const auto ids = values<std::int64_t>(batch.ids);
      all.insert(all.end(), ids.begin(), ids.end());
      handle.observe(batch.ids, loss_of(batch.ids, epoch));
    }
  }
  CHECK(all == train(sampler(options), 3));
}

TEST_CASE("sampler: one thread fetches while another observes and a third saves", "[threads]") {
  sampler handle(options);
  handle.reset();
  std::atomic<bool> done{false};
  std::thread saver([copy = handle, &done] {
    while (!done) archived(copy);
  });
  std::vector<std::vector<std::size_t>> batches;
  std::mutex mutex;
  std::thread fetcher([copy = handle, &batches, &mutex]() mutable {
    while (auto batch = copy.next(20)) {
      const std::lock_guard lock(mutex);
      batches.push_back(std::move(*batch));
    }
  });
  std::size_t observed = 0;
  while (observed < 600) {
    std::vector<std::vector<std::size_t>> some;
    {
      const std::lock_guard lock(mutex);
      some.swap(batches);
    }
    for (const auto& batch : some) {
      handle.observe(to_ids(batch), loss_of(to_ids(batch), 0));
      observed += batch.size();
    }
  }
  done = true;
  fetcher.join();
  saver.join();
  CHECK(handle.work().backwards == 600);
}

TEST_CASE("sampler: ranks get as many ids each, disjoint, out of one plan") {
  const std::uint32_t ranks = 4;
  std::vector<sampler> all;
  for (std::uint32_t rank = 0; rank < ranks; ++rank)
    all.emplace_back(options, gs::worker{rank, ranks});
  sampler one(options);
  for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
    one.reset();
    const auto whole = one.next(600);
    std::vector<std::vector<std::size_t>> parts;
    for (auto& rank : all) {
      rank.reset();
      const auto part = rank.next(600);
      parts.push_back(part.value());
      CHECK(part->size() == whole->size() / ranks);
      CHECK(rank.size() == part->size());
    }
    std::vector<std::size_t> dealt;
    for (std::size_t i = 0; i < parts[0].size(); ++i) {
      for (const auto& part : parts) dealt.push_back(part[i]);
    }
    CHECK(std::equal(dealt.begin(), dealt.end(), whole->begin()));
    // What an all_gather brings, the same on all.
    const at::Tensor ids = to_ids(dealt);
    for (auto& rank : all) rank.observe(ids, loss_of(ids, epoch));
    one.observe(ids, loss_of(ids, epoch));
  }
}

TEST_CASE("sampler: a run that is stopped anywhere and resumed equals the unbroken one") {
  const auto stop = GENERATE(0u, 1u, 5u, 12u, 14u);  // after so many batches; epoch 0 has 12
  const trained unbroken = train(sampler(options), 4);
  sampler first(options);
  trained all;
  unsigned batches = 0;
  std::string file = archived(first);
  while (batches < stop) {
    first.reset();
    while (const auto batch = first.next(50)) {
      if (batches == stop) break;  // fetched ahead, and lost
      ++batches;
      const at::Tensor ids = to_ids(*batch);
      all.insert(all.end(), batch->begin(), batch->end());
      first.observe(ids, loss_of(ids, first.epoch()));
      file = archived(first);
    }
  }
  sampler second(options);
  unarchive(second, file);
  const std::int64_t begun = second.epoch();
  const bool inside = stop > 0 && stop != 12;
  const trained rest = train(second, int(4 - begun - (inside ? 0 : 1)));
  all.insert(all.end(), rest.begin(), rest.end());
  CHECK(all == unbroken);
}

TEST_CASE("sampler: losses of several ranks at once move only one's own place on") {
  const gs::worker who{1, 3};
  sampler first(options, who), second(options, who), third(options, {2, 3});
  first.reset();
  third.reset();
  const auto own = first.next(10).value(), others = third.next(10).value();
  const at::Tensor gathered = torch::cat({to_ids(others), to_ids(own)});
  first.observe(gathered, loss_of(gathered, 0));
  unarchive(second, archived(first));
  second.reset();
  CHECK(second.next(10) == first.next(10));
}

TEST_CASE("sampler: what comes out of order is handed out again after a stop") {
  sampler first(options), second(options);
  first.reset();
  const auto a = first.next(10).value(), b = first.next(10).value();
  first.observe(to_ids(b), loss_of(to_ids(b), 0));
  unarchive(second, archived(first));
  second.reset();
  CHECK(second.next(10) == a);
}

TEST_CASE("sampler: an epoch that is broken off ends, and losses recorded count no work") {
  sampler handle(options);
  handle.reset();
  const at::Tensor ids = to_ids(handle.next(10).value());
  handle.record(ids, loss_of(ids, 0));
  CHECK(handle.work().backwards == 0);
  handle.reset();
  CHECK(handle.epoch() == 1);
  CHECK(handle.next(600)->size() == handle.size());
}

TEST_CASE("sampler: ids that a band spares are there to refresh") {
  sampler handle({.examples = 600,
                  .policy = gs::band{.cap = 0.7},
                  .history = 64,
                  .seed = 3,
                  .refresh = gs::max_age{2}});
  CHECK(handle.refresh_ids().numel() == 0);
  train(handle, 3);
  handle.reset();
  const at::Tensor ids = handle.refresh_ids();
  REQUIRE(ids.numel() > 0);
  handle.refresh(ids, loss_of(ids, 3));
  CHECK(handle.work().refreshed == std::uint64_t(ids.numel()));
}

TEST_CASE("sampler: a dataset may grow, and must not shrink") {
  sampler handle(options);
  train(handle, 2);
  handle.reset(700);
  const auto ids = handle.next(700).value();
  for (std::size_t id = 600; id < 700; ++id) {
    CHECK(std::find(ids.begin(), ids.end(), id) != ids.end());
  }
  REQUIRE_THROWS_WITH(handle.reset(500), contains("500 examples, the sampler knows 700"));
  REQUIRE_THROWS_AS(handle.reset(500), c10::ValueError);
  CHECK(handle.epoch() == 2);
}

TEST_CASE("sampler: what cannot be is refused by torch's own errors, and changes nothing") {
  REQUIRE_THROWS_WITH(sampler({.history = 64}), contains(".examples is 0"));
  REQUIRE_THROWS_WITH(sampler(options, {2, 2}), contains("rank 2 of 2"));
  REQUIRE_THROWS_AS(sampler({.examples = -1}), c10::ValueError);
  sampler forgetful({.examples = 600, .policy = gs::power{}, .history = 64});
  REQUIRE_THROWS_AS(forgetful.reset(), c10::ValueError);
  CHECK(forgetful.epoch() == -1);

  sampler handle(options);
  REQUIRE_THROWS_WITH(handle.next(0), contains("batch size of 0"));
  handle.reset();
  const std::string before = archived(handle);
  const at::Tensor ids = torch::arange(3), losses = torch::ones({3});
  REQUIRE_THROWS_AS(handle.observe(ids + 600, losses), c10::IndexError);
  REQUIRE_THROWS_AS(handle.observe(ids, torch::ones({2})), c10::ValueError);
  REQUIRE_THROWS_AS(handle.observe(ids, losses.mean()), c10::ValueError);
  REQUIRE_THROWS_AS(handle.observe(ids.to(torch::kFloat), losses), c10::TypeError);
  REQUIRE_THROWS_AS(handle.observe(ids, {}), c10::ValueError);
  CHECK(archived(handle) == before);
}

TEST_CASE("sampler: foreign archives are refused and change nothing") {
  sampler handle(options), other({.examples = 600,
                                  .policy = gs::power{.beta = 2.0},
                                  .history = 64,
                                  .seed = 4,
                                  .refresh = gs::max_age{4}});
  train(handle, 1);
  const std::string before = archived(handle);
  REQUIRE_THROWS_WITH(unarchive(handle, archived(other)), contains("seed"));
  struct without {
    void save(torch::serialize::OutputArchive& archive) const {
      archive.write("sieve", torch::zeros({3}), true);
    }
  };
  REQUIRE_THROWS_AS(unarchive(handle, archived(without{})), c10::Error);
  struct elsewhere {
    at::Tensor sieve, place;
    void save(torch::serialize::OutputArchive& archive) const {
      archive.write("sieve", sieve, true);
      archive.write("place", place, true);
    }
  };
  const auto bytes = handle.with([](const gs::sieve& sieve) { return sieve.save(); });
  const at::Tensor state = gs::libtorch::detail::to_tensor(std::span(bytes));
  for (const at::Tensor& place :
       {torch::tensor({0, 601}), torch::tensor({0, -1}), torch::tensor({7, 0}),
        torch::tensor({-2, 0}), torch::tensor({0, 0, 0}), torch::tensor({0.0, 0.0})}) {
    REQUIRE_THROWS_AS(unarchive(handle, archived(elsewhere{state, place})), c10::ValueError);
  }
  CHECK(archived(handle) == before);
}
