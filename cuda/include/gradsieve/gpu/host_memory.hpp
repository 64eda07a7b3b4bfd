// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Host memory that cannot be had, told as device memory is.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

#include <new>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! What `call` returns, or cudaErrorMemoryAllocation where it threw std::bad_alloc: who reads error
//! codes finds this one among them. Builds without exceptions end as their `operator new` does.
template <class Call>
cudaError_t with_host_memory(Call call) {
#if GRADSIEVE_HAS_EXCEPTIONS
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return cudaErrorMemoryAllocation;
  }
#else
  return call();
#endif
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
