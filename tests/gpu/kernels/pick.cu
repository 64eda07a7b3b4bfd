// expect: registers <= 64
// expect: registers on sm_120 <= 72
// expect: kernels >= 15
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The pick of float losses: five forms of rule, three outputs.
#include <gradsieve/gpu/sieve.hpp>

cudaError_t pick_all(gradsieve::gpu::sieve& sieve, const float* losses, std::size_t n,
                     const std::int64_t* ids, std::uint32_t* words, std::int64_t* selected,
                     std::uint32_t* count, cudaStream_t stream) {
  cudaError_t error = sieve.pick(losses, n, words, count, stream);
  if (error == cudaSuccess) error = sieve.pick_mask(losses, n, words, count, stream);
  if (error == cudaSuccess) error = sieve.pick_ids(ids, losses, n, selected, count, stream);
  return error;
}
