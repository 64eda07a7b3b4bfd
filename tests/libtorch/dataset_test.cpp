// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "libtorch/torch.hpp"

#include <gradsieve/libtorch/dataset.hpp>

using namespace torch_support;
namespace gs = gradsieve;
namespace data = torch::data;

namespace {

struct squares : data::datasets::Dataset<squares> {
  data::Example<> get(std::size_t i) override {
    return {torch::tensor({double(i), double(i * i)}), torch::tensor(std::int64_t(i % 10))};
  }
  std::optional<std::size_t> size() const override { return 100; }
};

struct unlabelled : data::datasets::Dataset<unlabelled, data::TensorExample> {
  data::TensorExample get(std::size_t i) override { return torch::tensor(double(i)); }
  std::optional<std::size_t> size() const override { return 100; }
};

//! Gives one example too few.
struct forgetful : data::datasets::BatchDataset<forgetful, std::vector<data::Example<>>> {
  std::vector<data::Example<>> get_batch(c10::ArrayRef<std::size_t> indices) override {
    return std::vector<data::Example<>>(indices.size() - 1);
  }
  std::optional<std::size_t> size() const override { return 100; }
};

const std::vector<std::size_t> wanted = {70, 3, 3, 99};
const std::vector<std::int64_t> expected = {70, 3, 3, 99};

template <class Batch>
void check(const Batch& batch) {
  CHECK(values<std::int64_t>(batch.ids) == expected);
  CHECK(values<std::int64_t>(batch.target) == std::vector<std::int64_t>{0, 3, 3, 9});
  CHECK(batch.data.sizes() == at::IntArrayRef({4, 2}));
  CHECK(batch.data[3][1].template item<double>() == 99 * 99);
}

}  // namespace

TEST_CASE("with_ids: ids travel with the batch, whether they join before or after collation") {
  auto before = gs::libtorch::with_ids(squares()).map(gs::libtorch::stack());
  check(before.get_batch(wanted));
  auto after = gs::libtorch::with_ids(squares().map(data::transforms::Stack<>()));
  check(after.get_batch(wanted));
  auto mapped =
      gs::libtorch::with_ids(squares().map(data::transforms::TensorLambda<>([](at::Tensor row) {
        return row * 2;
      }))).map(gs::libtorch::stack());
  CHECK(mapped.get_batch(wanted).data[0][0].item<double>() == 140);
  CHECK(before.size() == 100);
  CHECK(after.dataset().size() == 100);
}

TEST_CASE("with_ids: single examples and those without a target carry ids as well") {
  auto single = gs::libtorch::with_ids(squares());
  const auto examples = single.get_batch(wanted);
  REQUIRE(examples.size() == 4);
  CHECK(examples[3].id == 99);
  CHECK(examples[3].target.item<std::int64_t>() == 9);

  auto plain = gs::libtorch::with_ids(unlabelled()).map(gs::libtorch::stack<data::TensorExample>());
  const auto batch = plain.get_batch(wanted);
  CHECK(values<std::int64_t>(batch.ids) == expected);
  CHECK(batch.data.to(torch::kLong).equal(batch.ids));
}

TEST_CASE("with_ids: a dataset that gives another number of examples is found out") {
  auto dataset = gs::libtorch::with_ids(forgetful());
  REQUIRE_THROWS_AS(dataset.get_batch(wanted), c10::ValueError);
  REQUIRE_THROWS_WITH(dataset.get_batch(wanted), contains("asked for 4 examples and gave 3"));
}
