// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The installed DLPack component.
#include <gradsieve/dlpack.hpp>
#include <gradsieve/gradsieve.hpp>

int main() {
  namespace dlpack = gradsieve::dlpack;
  float losses[] = {0.5f, 2.0f};
  std::int64_t shape[] = {2};
  const dlpack::tensor tensor{
      losses, {dlpack::device_cpu, 0}, 1, {dlpack::code_float, 32, 1}, shape, nullptr, 0};
  gradsieve::sieve sieve({.history = 8});
  const auto pick = [&](auto batch) { return sieve.pick(batch).size(); };
  return std::visit(pick, dlpack::losses(&tensor)) == 2 ? 0 : 1;
}
