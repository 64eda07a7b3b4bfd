// expect: registers <= 64
// expect: kernels >= 2
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Rows of several columns appended, a batch handed out.
#include <gradsieve/gpu/batch_accumulator.hpp>

cudaError_t step(gradsieve::gpu::batch_accumulator& rows, const void* inputs, const void* targets,
                 const std::uint32_t* positions, const std::uint32_t* count, std::size_t n,
                 gradsieve::gpu::row_batch& batch, cudaStream_t stream) {
  std::size_t batches = 0;
  cudaError_t error = rows.append({inputs, targets}, positions, count, n, stream);
  if (error == cudaSuccess) error = rows.wait(batches);
  return error == cudaSuccess && batches != 0 ? rows.take(batch, stream) : error;
}
