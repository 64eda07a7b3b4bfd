// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Plain training: every example in every epoch. The baseline.
#pragma once

#include <gradsieve/methods/method_info.hpp>
#include <gradsieve/methods/run_shape.hpp>
#include <gradsieve/sieve.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::methods {

//! All examples, in a new random order each epoch, without replacement. `plan(epoch)` gives them;
//! a pick selects all but losses that are not finite. An empty batch selects none.
struct uniform {
  static constexpr method_info info{.name = "uniform",
                                    .source = "Robbins and Monro 1951",
                                    .rule = "every example",
                                    .weights = "-",
                                    .cost = "O(1) an example",
                                    .hooks = hook::pick | hook::plan,
                                    .example_bytes = 8};

  sieve make(const run_shape& run) const { return sieve(run.batch_alone()); }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::methods
