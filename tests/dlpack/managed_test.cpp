// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/dlpack/managed.hpp>

#include "catch.hpp"
#include "dlpack/tensors.hpp"

namespace gs = gradsieve;
namespace dlpack = gradsieve::dlpack;

namespace {

//! Counts how often it was given back.
template <class Managed>
Managed counting(int& given_back) {
  Managed tensor{};
  tensor.manager_ctx = &given_back;
  tensor.deleter = [](Managed* self) { ++*static_cast<int*>(self->manager_ctx); };
  return tensor;
}

}  // namespace

TEST_CASE("dlpack: an adopted tensor is given back once, when its owner goes") {
  int given_back = 0;
  auto plain = counting<dlpack::managed_tensor>(given_back);
  auto versioned = counting<dlpack::managed_tensor_versioned>(given_back);
  versioned.version = {1, 7};
  {
    const auto first = dlpack::adopt(&plain);
    const auto second = dlpack::adopt(&versioned);
    CHECK(given_back == 0);
    CHECK(&first->dl_tensor == &plain.dl_tensor);
  }
  CHECK(given_back == 2);
}

TEST_CASE("dlpack: a tensor without a deleter needs none") {
  dlpack::managed_tensor plain{};
  CHECK(dlpack::adopt(&plain).get() == &plain);
}

TEST_CASE("dlpack: null and other major versions are refused, the latter given back") {
  CHECK_THROWS_WITH(dlpack::adopt(static_cast<dlpack::managed_tensor*>(nullptr)),
                    "dlpack: adopt: the tensor is null");
  int given_back = 0;
  auto versioned = counting<dlpack::managed_tensor_versioned>(given_back);
  versioned.version = {2, 0};
  CHECK_THROWS_WITH(dlpack::adopt(&versioned), "dlpack: adopt: major version 2, expected 1");
  CHECK(given_back == 1);
  CHECK_THROWS_AS(dlpack::adopt(&versioned), gs::invalid_argument);
}
