// expect: registers <= 64
// expect: kernels >= 10
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Rows moved by vectors of each width, elsewhere and in place.
#include <gradsieve/gpu/compact.hpp>
#include <gradsieve/gpu/gather.hpp>

cudaError_t move(gradsieve::gpu::row_compactor& compactor, void* rows, std::size_t row_bytes,
                 const std::uint32_t* positions, const std::uint32_t* count, std::uint32_t most,
                 void* target, cudaStream_t stream) {
  const cudaError_t error =
      gradsieve::gpu::gather_rows(rows, row_bytes, positions, count, most, target, stream);
  return error == cudaSuccess ? compactor.compact(rows, row_bytes, positions, count, most, stream)
                              : error;
}
