// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How kernels are launched.
#pragma once

#include <gradsieve/gpu/run.hpp>

#include <cuda_runtime.h>

#include <type_traits>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! Blocks beyond the first 48 KiB of shared memory must be allowed them, once for each device.
template <class Kernel>
cudaError_t allow_shared(const Kernel& kernel) {
  const std::size_t bytes = kernel.shared_bytes();
  if (bytes <= 48 * 1024) return cudaSuccess;
  return cudaFuncSetAttribute(run<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                              static_cast<int>(bytes));
}

//! One launch on the current device; no synchronisation, no allocation. What is returned is this
//! launch's own status: an error that an earlier call of anybody's has left behind stays there.
template <class Kernel>
cudaError_t launch(const Kernel& kernel, unsigned blocks, cudaStream_t stream) {
  static_assert(std::is_trivially_copyable_v<Kernel>);
  if (const cudaError_t error = allow_shared(kernel); error != cudaSuccess) return error;
  void* arguments[] = {const_cast<Kernel*>(&kernel)};
  return cudaLaunchKernel(run<Kernel>, dim3(blocks), dim3(Kernel::threads), arguments,
                          kernel.shared_bytes(), stream);
}

//! Blocks that the current device holds at once, at least 1.
template <class Kernel>
cudaError_t resident_blocks(const Kernel& kernel, unsigned& blocks) {
  int device = 0, processors = 0, each = 0;
  if (cudaError_t error = cudaGetDevice(&device); error != cudaSuccess) return error;
  cudaError_t error = cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device);
  if (error != cudaSuccess) return error;
  if (error = allow_shared(kernel); error != cudaSuccess) return error;
  error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, run<Kernel>, Kernel::threads,
                                                        kernel.shared_bytes());
  blocks = each * processors > 0 ? static_cast<unsigned>(each * processors) : 1u;
  return error;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
