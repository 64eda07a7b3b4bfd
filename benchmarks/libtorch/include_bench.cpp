// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What the adapter adds to a file that includes torch already.
#include "../support/compile.hpp"

namespace {

const bench::suite all([](const bench::request& asked) {
  // Torch alone takes the better part of a minute three times over.
  if (asked.quick || std::string(GRADSIEVE_BENCH_BUILD) != "generic") return;
  const std::string torch = "#include <torch/torch.h>\n";
  bench::add_compilation("torch_headers", "libtorch.hpp", torch, GRADSIEVE_BENCH_TORCH_OPTIONS);
  bench::add_compilation("gradsieve", "libtorch.hpp", torch + "#include <gradsieve/libtorch.hpp>\n",
                         GRADSIEVE_BENCH_TORCH_OPTIONS);
});

}  // namespace
