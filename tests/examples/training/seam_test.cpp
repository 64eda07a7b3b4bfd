// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the shared trainer asks of a network, and of a trainer's description.
#include "description.hpp"
#include "studies.hpp"
#include "trainer.hpp"

#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "clouds.hpp"

namespace {

using namespace training;

//! A network that costs more, and objects to a way back from a scoring pass.
class strict_network final : public network {
 public:
  //! @param scored  counts the examples that were forwarded for their losses alone
  strict_network(const dataset& train, const training_options& options, std::uint64_t& scored)
      : inner_(small_network()(train, options)), scored_(scored) {}

  std::span<const float> forward(std::span<const std::int64_t> ids) override {
    way_back_ = true;
    return inner_->forward(ids);
  }
  std::span<const float> scoring_forward(std::span<const std::int64_t> ids) override {
    way_back_ = false;
    scored_ += ids.size();
    return inner_->scoring_forward(ids);
  }
  std::span<const float> losses() const override { return inner_->losses(); }
  std::int64_t mistakes() const override { return inner_->mistakes(); }
  void backward() override {
    go_back();
    inner_->backward();
  }
  std::size_t backward(std::span<const std::uint32_t> positions,
                       std::span<const float> weights) override {
    go_back();
    inner_->backward(positions, weights);
    return inner_->losses().size();
  }
  void update(double learning_rate) override {
    if (!gradient_) throw std::logic_error("an update without a gradient");
    gradient_ = false;
    inner_->update(learning_rate);
  }
  std::size_t prepare_evaluation() override { return 50; }
  score evaluate(const dataset& data) override { return inner_->evaluate(data); }
  std::vector<std::byte> save() const override { return inner_->save(); }
  void load(std::span<const std::byte> saved) override { inner_->load(saved); }
  std::uint64_t fingerprint() const override { return inner_->fingerprint(); }

 private:
  void go_back() {
    if (!way_back_) throw std::logic_error("no way back");
    way_back_ = false;
    gradient_ = true;
  }

  std::unique_ptr<network> inner_;
  std::uint64_t& scored_;
  bool way_back_ = false, gradient_ = false;
};

TEST_CASE("no method goes back from a scoring pass, each pays for what was computed") {
  const dataset data = clouds();
  std::uint64_t scored = 0;
  const auto make = [&](const dataset& train, const training_options& options) {
    return std::make_unique<strict_network>(train, options, scored);
  };
  for (const method& each : methods()) {
    INFO(each.name);
    scored = 0;
    trainer run(make, data, small_training(6, data));
    run.start();
    each.train(run, each.options);
    const record::run result = run.finish();
    const double work = static_cast<double>(result.forwards - 50) / 3 +
                        static_cast<double>(result.backwards) * 2 / 3;
    CHECK(work >= 6 * 2000);
    CHECK(work <= 6 * 2000 + 200);
    const bool scores = each.name == "sb" || each.name == "stale-sb";
    CHECK(scored == (scores ? result.forwards - 50 - result.backwards : 0));
    if (each.name == "top-k") {
      CHECK(result.forwards - 50 == result.backwards);
      CHECK(result.epochs[0].keep_rate == Approx(.5).margin(.01));
    }
  }
}

TEST_CASE("a probe leaves the run as it is") {
  const dataset data = clouds();
  std::vector<std::int64_t> some(300);
  std::iota(some.begin(), some.end(), 100);
  const auto trained = [&](const char* name, std::vector<double> points) {
    trainer run(small_network(), data, small_training(3, data));
    run.probe_points = std::move(points);
    run.probe = [&](network& of, double) { of.gradient_norms(some); };
    run.start();
    const method& what = *find_method(name);
    what.train(run, what.options);
    return run.finish();
  };
  for (const char* name : {"plan", "sb", "ordered-sgd", "info-batch"}) {
    INFO(name);
    const record::run with = trained(name, {0.1, 0.35, 0.4, 1.0}), without = trained(name, {});
    CHECK(with.trained_ids == without.trained_ids);
    CHECK(with.final_weights == without.final_weights);
  }
}

TEST_CASE("runs side by side give what they give one by one", "[threads]") {
  const dataset data = clouds(1000);
  program what = eigen_mlp::describe();
  what.make = small_network();
  progress_line silent(verbosity::quiet);
  checkpoint nothing;
  session here{what, silent, nothing};
  settings chosen;
  chosen.batch_size = 32;
  std::vector<job> jobs;
  for (const char* name : {"uniform", "plan", "sb", "replay"}) {
    for (const std::uint64_t seed : {1u, 2u}) {
      jobs.push_back(with_epochs(make_job(what, chosen, *find_method(name)), 3, seed, data));
    }
  }
  const auto alone = run_all({data, data, here, 1}, jobs);
  const auto together = run_all({data, data, here, 3}, jobs);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    CHECK(alone[i].run.method == together[i].run.method);
    CHECK(alone[i].run.trained_ids == together[i].run.trained_ids);
    CHECK(alone[i].run.final_weights == together[i].run.final_weights);
    CHECK(alone[i].run.test_error == together[i].run.test_error);
  }
  CHECK(alone[0].run.final_weights != alone[1].run.final_weights);
}

TEST_CASE("a trainer's own choice for a method goes before the method's, a flag before both") {
  program what = eigen_mlp::describe();
  what.learning_rate = 0.25;
  what.best = {{"plan", 0.125, method_options{.beta = 7}}, {"sb", 0.5}};
  settings chosen;
  const job plan = make_job(what, chosen, *find_method("plan"));
  CHECK(plan.training.learning_rate == 0.125);
  CHECK(plan.options.beta == 7);
  const job published = make_job(what, chosen, *find_method("sb"));
  CHECK(published.training.learning_rate == 0.5);
  CHECK(published.options.beta == find_method("sb")->options.beta);
  CHECK(make_job(what, chosen, *find_method("band")).training.learning_rate == 0.25);
  chosen.beta = 1.5;
  chosen.learning_rate = 1;
  CHECK(make_job(what, chosen, *find_method("plan")).options.beta == 1.5);
  CHECK(make_job(what, chosen, *find_method("plan")).training.learning_rate == 1);
}

}  // namespace
