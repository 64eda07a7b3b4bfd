// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What every test of the LibTorch adapter needs. Include it before any header of torch.
#pragma once

#include <torch/data.h>
#include <torch/nn.h>
#include <torch/optim.h>
#include <torch/serialize.h>

#include <ATen/Parallel.h>

// Both have macros of these names; the tests mean Catch's.
#undef CHECK
#undef CHECK_EQ
#undef CHECK_NE

#include "catch.hpp"

#include <gradsieve/gradsieve.hpp>

#include <span>
#include <sstream>
#include <vector>

namespace torch_support {

// Tests run side by side, and torch's threads spin while they wait.
inline const bool one_thread = [] {
  at::set_num_threads(1);
  return true;
}();

template <class T>
std::vector<T> values(const at::Tensor& tensor) {
  const at::Tensor packed = tensor.detach().contiguous();
  const T* const first = packed.const_data_ptr<T>();
  return {first, first + packed.numel()};
}

inline bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.contiguous(), y = b.contiguous();
  return x.sizes() == y.sizes() && x.scalar_type() == y.scalar_type() &&
         std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()) == 0;
}

//! n losses that differ, in no order: the same in each call.
inline at::Tensor some_losses(std::int64_t n, std::int64_t batch = 0) {
  const at::Tensor at = torch::arange(n, torch::kInt64) + batch * n;
  return at.mul(7919).remainder(10007).to(torch::kFloat) / 1000;
}

//! What an object writes by its `save(archive)`, as a file would hold it.
template <class Saved>
std::string archived(const Saved& object) {
  torch::serialize::OutputArchive archive;
  object.save(archive);
  std::ostringstream out;
  archive.save_to(out);
  return out.str();
}
template <class Loaded>
void unarchive(Loaded& object, const std::string& bytes) {
  torch::serialize::InputArchive archive;
  std::istringstream in(bytes);
  archive.load_from(in);
  object.load(archive);
}

}  // namespace torch_support
