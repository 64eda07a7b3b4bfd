// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Batches that carry their examples' ids.
#pragma once

#include <gradsieve/libtorch/tensors.hpp>

#include <torch/data/datasets/base.h>
#include <torch/data/datasets/map.h>
#include <torch/data/transforms/stack.h>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

//! One of torch's examples with its id.
template <class Example>
struct example_with_id : Example {
  std::int64_t id = 0;
};

//! One of torch's examples that holds a whole batch (`data`, and `target` if there is one), with
//! the ids of its rows.
template <class Example>
struct batch_with_ids : Example {
  at::Tensor ids;  //!< [n], int64, on the CPU
};

namespace detail {

//! What becomes of a dataset's batch when ids join it.
template <class Batch>
struct joined {
  using type = batch_with_ids<Batch>;

  static type join(Batch batch, c10::ArrayRef<std::size_t> indices) {
    return {std::move(batch), to_tensor<std::int64_t>(indices, at::kLong)};
  }
};
template <class Example>
struct joined<std::vector<Example>> {
  using type = std::vector<example_with_id<Example>>;

  static type join(std::vector<Example> examples, c10::ArrayRef<std::size_t> indices) {
    if (examples.size() != indices.size()) {
      refuse<c10::ValueError>("with_ids: the dataset was asked for ", indices.size(),
                              " examples and gave ", examples.size());
    }
    type out;
    out.reserve(examples.size());
    for (std::size_t i = 0; i < indices.size(); ++i) {
      out.push_back({std::move(examples[i]), static_cast<std::int64_t>(indices[i])});
    }
    return out;
  }
};

}  // namespace detail

//! A map-style dataset whose batches carry ids: the indices that the sampler asked for. Collated
//! batches become `batch_with_ids`, lists of examples become lists of `example_with_id`, which
//! `stack` collates. Costs nothing but the ids; as thread-safe as the dataset.
template <class Dataset>
class identified final
    : public torch::data::datasets::BatchDataset<
          identified<Dataset>, typename detail::joined<typename Dataset::BatchType>::type> {
 public:
  static_assert(!Dataset::is_stateful &&
                    std::is_same_v<typename Dataset::BatchRequestType, c10::ArrayRef<std::size_t>>,
                "gradsieve: only a dataset that is asked for indices has ids; a stream has none");

  explicit identified(Dataset dataset) : dataset_(std::move(dataset)) {}

  typename identified::BatchType get_batch(c10::ArrayRef<std::size_t> indices) override {
    return detail::joined<typename Dataset::BatchType>::join(dataset_.get_batch(indices), indices);
  }
  std::optional<std::size_t> size() const override { return dataset_.size(); }

  const Dataset& dataset() const { return dataset_; }

 private:
  Dataset dataset_;
};

//! `with_ids(dataset.map(torch::data::transforms::Stack<>()))` or
//! `with_ids(dataset).map(gradsieve::libtorch::stack())`.
template <class Dataset>
identified<Dataset> with_ids(Dataset dataset) {
  return identified<Dataset>(std::move(dataset));
}

//! Collates examples with ids, the examples as torch's `Stack` does.
template <class Example = torch::data::Example<>>
class stack : public torch::data::transforms::BatchTransform<std::vector<example_with_id<Example>>,
                                                             batch_with_ids<Example>> {
 public:
  batch_with_ids<Example> apply_batch(std::vector<example_with_id<Example>> examples) override {
    std::vector<Example> plain;
    std::vector<std::int64_t> ids;
    plain.reserve(examples.size());
    ids.reserve(examples.size());
    for (auto& example : examples) {
      ids.push_back(example.id);
      plain.push_back(std::move(static_cast<Example&>(example)));
    }
    return {torch::data::transforms::Stack<Example>().apply_batch(std::move(plain)),
            detail::to_tensor<std::int64_t>(ids, at::kLong)};
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
