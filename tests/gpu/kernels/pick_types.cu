// expect: registers <= 64
// expect: kernels >= 15
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The pick of losses of other types.
#include <gradsieve/gpu/sieve.hpp>

template <class T>
cudaError_t pick(gradsieve::gpu::sieve& sieve, const T* losses, std::size_t n,
                 std::uint32_t* positions, std::uint32_t* count, cudaStream_t stream) {
  return sieve.pick(losses, n, positions, count, stream);
}

template cudaError_t pick(gradsieve::gpu::sieve&, const double*, std::size_t, std::uint32_t*,
                          std::uint32_t*, cudaStream_t);
template cudaError_t pick(gradsieve::gpu::sieve&, const gradsieve::float16_bits*, std::size_t,
                          std::uint32_t*, std::uint32_t*, cudaStream_t);
template cudaError_t pick(gradsieve::gpu::sieve&, const gradsieve::bfloat16_bits*, std::size_t,
                          std::uint32_t*, std::uint32_t*, cudaStream_t);
