// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a kernel is: a trivially copyable function object, run by one template.
#pragma once

#if !defined(__CUDACC__)
#error "gradsieve: headers of gradsieve/gpu hold kernels; compile this file with nvcc"
#endif

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

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

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
