// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file How kernels are launched: a kernel is a trivially copyable function object.
#pragma once

#if !defined(__CUDACC__)
#error "gradsieve: headers of gradsieve/gpu hold kernels; compile this file with nvcc"
#endif

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

#include <type_traits>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! Blocks that a processor must be able to hold of a kernel that fills it: 1024 threads of 64
//! registers. Told so, the compiler spills none to make room for more.
template <class Kernel>
constexpr unsigned least_resident() {
  if constexpr (requires { Kernel::alone; }) return 1;
  return Kernel::threads < 128 ? 1 : 1024 / Kernel::threads;
}

//! Runs `kernel(shared)` in each thread. A kernel has
//! * `threads`, the threads of a block;
//! * `alone`, if it is launched as one block;
//! * `shared_bytes()`, the block's shared memory, aligned to 16 bytes;
//! * `operator()(void* shared) const`, for the device; its members are the arguments.
template <class Kernel>
__global__ void __launch_bounds__(Kernel::threads, least_resident<Kernel>())
    run(const __grid_constant__ Kernel kernel) {
  extern __shared__ uint4 gradsieve_shared[];
  kernel(gradsieve_shared);
}

//! Blocks beyond the first 48 KiB of shared memory must be allowed them, once for each device.
template <class Kernel>
cudaError_t allow_shared(const Kernel& kernel) {
  const std::size_t bytes = kernel.shared_bytes();
  if (bytes <= 48 * 1024) return cudaSuccess;
  return cudaFuncSetAttribute(run<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                              static_cast<int>(bytes));
}

//! One launch on the current device; no synchronisation, no allocation.
template <class Kernel>
cudaError_t launch(const Kernel& kernel, unsigned blocks, cudaStream_t stream) {
  static_assert(std::is_trivially_copyable_v<Kernel>);
  if (const cudaError_t error = allow_shared(kernel); error != cudaSuccess) return error;
  run<<<blocks, Kernel::threads, kernel.shared_bytes(), stream>>>(kernel);
  return cudaGetLastError();
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
