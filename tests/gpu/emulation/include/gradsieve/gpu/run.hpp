// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Stands in for the library's header of this name: a name for a kernel, which the stand-in
//! of cudaLaunchKernel runs on the CPU.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

template <class Kernel>
void run(const Kernel kernel) {
  kernel(nullptr);
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
