// expect: registers <= 84
// expect: registers on sm_120 <= 88
// expect: kernels >= 6
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Exactly k of float losses, as positions; the weights of what was drawn.
#include <gradsieve/gpu/sieve.hpp>

using exactly_k = gradsieve::gpu::basic_sieve<gradsieve::exactly_k_selector>;

cudaError_t pick(exactly_k& sieve, const float* losses, std::size_t n, std::uint32_t* positions,
                 std::uint32_t* count, float* weights, cudaStream_t stream) {
  cudaError_t error = sieve.pick(losses, n, positions, count, stream);
  if (error == cudaSuccess) {
    error = sieve.probabilities(losses, n, positions, count, weights, stream);
  }
  if (error == cudaSuccess) {
    error = sieve.selection_weights(weights, count, n, gradsieve::normalisation::mean_one, weights,
                                    {}, stream);
  }
  return error == cudaSuccess ? sieve.weights(losses, n, weights, stream) : error;
}
