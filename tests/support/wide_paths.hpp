// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The wide loops that this machine can run, one table for each instruction set.
#pragma once

#include <gradsieve/wide/path.hpp>

#include <vector>

namespace support {

inline std::vector<const gradsieve::detail::wide_kernels*> wide_paths() {
  std::vector<const gradsieve::detail::wide_kernels*> paths;
#if GRADSIEVE_WIDE >= 256
  if (__builtin_cpu_supports("avx2")) paths.push_back(&gradsieve::detail::avx2::kernels);
#endif
#if GRADSIEVE_WIDE >= 512
  if (__builtin_cpu_supports("avx512f")) paths.push_back(&gradsieve::detail::avx512::kernels);
#endif
  return paths;
}

}  // namespace support
