// expect: registers <= 64
// expect: kernels >= 12
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The ledger and its plans: visits with float losses, retirement, ages, an epoch planned.
#include <gradsieve/gpu/sieve.hpp>

cudaError_t train(gradsieve::gpu::sieve& sieve, const std::int64_t* ids, const float* losses,
                  std::size_t n, std::int64_t* batch, std::uint32_t* count, float* probabilities,
                  cudaStream_t stream) {
  cudaError_t error = sieve.observe(ids, losses, n, stream);
  if (error == cudaSuccess) error = sieve.retire(ids, n, stream);
  if (error == cudaSuccess) error = sieve.ages(ids, n, count, stream);
  if (error == cudaSuccess) error = sieve.plan(1, stream);
  return error == cudaSuccess ? sieve.plan_batch(0, n, batch, count, stream, probabilities) : error;
}
