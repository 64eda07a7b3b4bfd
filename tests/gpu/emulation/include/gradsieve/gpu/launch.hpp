// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Stands in for the library's header of this name: launches run on the CPU.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

template <class Kernel>
cudaError_t launch(const Kernel& kernel, unsigned blocks, cudaStream_t) {
  ::emulation::run(
      blocks, Kernel::threads, kernel.shared_bytes(),
      [](const void* self, void* shared) { (*static_cast<const Kernel*>(self))(shared); }, &kernel);
  return cudaSuccess;
}

//! Blocks that a device holds at once.
template <class Kernel>
cudaError_t resident_blocks(const Kernel&, unsigned& blocks) {
  blocks = static_cast<unsigned>(::emulation::device_list().multiprocessors);
  return cudaSuccess;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
