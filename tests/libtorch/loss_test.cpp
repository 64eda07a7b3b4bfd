// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "libtorch/torch.hpp"

#include <gradsieve/libtorch/loss.hpp>

using namespace torch_support;
namespace gs = gradsieve;
using gs::libtorch::denominator;
using gs::libtorch::token_losses;
using gs::libtorch::weighted_mean;

TEST_CASE("weighted_mean: each denominator, and a graph through the losses alone") {
  const at::Tensor losses = torch::tensor({1.0, 2.0, 4.0}, torch::requires_grad());
  const at::Tensor weights = torch::tensor({3.0, 0.0, 0.5}, torch::requires_grad());
  CHECK(weighted_mean(losses, weights, denominator::examples).item<double>() == Approx(5.0 / 3));
  CHECK(weighted_mean(losses, weights, denominator::weights).item<double>() == Approx(5.0 / 3.5));
  const at::Tensor mean = weighted_mean(losses, weights, 10);
  CHECK(mean.item<double>() == Approx(0.5));
  mean.backward();
  CHECK(torch::allclose(losses.grad(), weights.detach() / 10));
  CHECK_FALSE(weights.grad().defined());
}

TEST_CASE("weighted_mean: gradients of micro-batches add up to the whole step's") {
  const at::Tensor inputs = torch::arange(24, torch::kFloat).view({8, 3}) / 10;
  const at::Tensor weights = torch::arange(8, torch::kFloat) / 4;
  const auto gradient = [&](std::int64_t parts) {
    const at::Tensor parameter = torch::ones({3}, torch::requires_grad());
    for (std::int64_t part = 0; part < parts; ++part) {
      const auto rows = torch::indexing::Slice(part * 8 / parts, (part + 1) * 8 / parts);
      const at::Tensor losses = inputs.index({rows}).matmul(parameter).square();
      weighted_mean(losses, weights.index({rows}), 8).backward();
    }
    return parameter.grad();
  };
  CHECK(torch::allclose(gradient(4), gradient(1)));
}

TEST_CASE("weighted_mean: an example of weight 0 has no part, even if its loss is NaN") {
  const at::Tensor losses = torch::tensor({1.0, std::nan("")}, torch::requires_grad());
  const at::Tensor mean = weighted_mean(losses, torch::tensor({2.0, 0.0}), denominator::weights);
  CHECK(mean.item<double>() == 1);
  mean.backward();
  CHECK(values<float>(losses.grad()) == std::vector{1.0f, 0.0f});
}

TEST_CASE("weighted_mean: no examples, and weights of 0 alone, give 0 and no gradient") {
  const auto by = GENERATE(denominator::examples, denominator::weights);
  CHECK(weighted_mean(torch::empty({0}), torch::empty({0}), by).item<float>() == 0);
  const at::Tensor losses = torch::ones({3}, torch::requires_grad());
  const at::Tensor mean = weighted_mean(losses, torch::zeros({3}), by);
  CHECK(mean.item<float>() == 0);
  mean.backward();
  CHECK(losses.grad().eq(0).all().item<bool>());
}

TEST_CASE("weighted_mean: losses of 16 bits are added up in 32") {
  const at::Tensor losses = torch::full({1000}, 100, torch::kHalf);
  const at::Tensor mean = weighted_mean(losses, torch::ones({1000}), denominator::examples);
  CHECK(mean.scalar_type() == torch::kFloat);
  CHECK(mean.item<float>() == 100);  // the sum, 100 000, is above what a half can hold
}

TEST_CASE("weighted_mean: what does not fit is refused by name and value") {
  const at::Tensor three = torch::ones({3});
  REQUIRE_THROWS_WITH(weighted_mean(three, torch::ones({2}), 3),
                      contains("3 losses and 2 weights"));
  REQUIRE_THROWS_AS(weighted_mean(three, torch::ones({2}), 3), c10::ValueError);
  REQUIRE_THROWS_WITH(weighted_mean(three, three, 0), contains("over 0 examples"));
  REQUIRE_THROWS_WITH(weighted_mean(three.sum(), three, 1), contains("0 dimensions"));
  REQUIRE_THROWS_WITH(weighted_mean({}, three, 1), contains("undefined"));
  REQUIRE_THROWS_WITH(weighted_mean(three, {}, denominator::weights), contains("undefined"));
  REQUIRE_THROWS_WITH(weighted_mean(three, torch::ones({3}, torch::kMeta), 1), contains("meta"));
  REQUIRE_THROWS_AS(weighted_mean(three.to(torch::kLong), three, 3), c10::TypeError);
}

TEST_CASE("token_losses: as the core's reduce, for each reduction") {
  const auto how = GENERATE(gs::reduction::mean, gs::reduction::sum, gs::reduction::max);
  const at::Tensor losses = some_losses(60).view({6, 10});
  const at::Tensor targets = torch::arange(60).view({6, 10}).remainder(3) - 1;
  const at::Tensor keep = targets != -1;
  keep[4] = false;
  std::vector<std::uint8_t> mask(60);
  for (std::int64_t i = 0; i < 60; ++i) mask[std::size_t(i)] = keep[i / 10][i % 10].item<bool>();
  std::vector<float> expected(6);
  const auto all = values<float>(losses);
  gs::reduce(gs::loss_matrix<float>{all.data(), 6, 10}, mask, how, expected);
  const auto found = values<float>(token_losses(losses, keep, how));
  for (std::size_t row = 0; row < 6; ++row) {
    INFO("row " << row);
    if (row == 4) {
      CHECK(std::isnan(found[row]));
      CHECK(std::isnan(expected[row]));
    } else {
      CHECK(found[row] == Approx(expected[row]).epsilon(1e-6));
    }
  }
}

TEST_CASE("token_losses: what is left out gets no gradient, whatever its loss") {
  const double nan = std::nan("");
  const at::Tensor losses =
      torch::tensor({{1.0, nan}, {2.0, 3.0}, {nan, nan}}, torch::requires_grad());
  const at::Tensor keep = torch::tensor({{true, false}, {true, true}, {false, false}});
  const at::Tensor each = token_losses(losses, keep);
  CHECK(each[0].item<double>() == 1);
  CHECK(each[1].item<double>() == 2.5);
  CHECK(std::isnan(each[2].item<double>()));
  each.sum().backward();
  CHECK(values<float>(losses.grad()) == std::vector{1.0f, 0.0f, 0.5f, 0.5f, 0.0f, 0.0f});
}

TEST_CASE("token_losses: a kept NaN is one sequence's alone") {
  const at::Tensor losses = torch::tensor({{1.0, std::nan("")}, {2.0, 3.0}});
  const at::Tensor each = token_losses(losses, torch::ones({2, 2}, torch::kBool));
  CHECK(std::isnan(each[0].item<float>()));
  CHECK(each[1].item<float>() == 2.5f);
}

TEST_CASE("token_losses: what does not fit is refused by name and value") {
  const at::Tensor losses = torch::ones({2, 3}), keep = torch::ones({2, 3}, torch::kBool);
  REQUIRE_THROWS_WITH(token_losses(losses, keep.narrow(1, 0, 2)), contains("same shape"));
  REQUIRE_THROWS_WITH(token_losses(losses[0], keep[0]), contains("1 dimensions"));
  REQUIRE_THROWS_WITH(token_losses({}, keep), contains("undefined"));
  REQUIRE_THROWS_AS(token_losses(losses, keep.to(torch::kLong)), c10::TypeError);
  REQUIRE_THROWS_AS(token_losses(losses.to(torch::kLong), keep), c10::TypeError);
  REQUIRE_THROWS_AS(token_losses(losses, keep.to(torch::kMeta)), c10::ValueError);
}
