// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Where and how a record was made: flags, versions, processor, prices.
#pragma once

#include "../common/record.hpp"
#include "checkpoint.hpp"
#include "flags.hpp"
#include "program.hpp"

namespace training {

//! @param wrong share of the training labels that are wrong
void describe_environment(const program& what, const request& asked, const prices& cost,
                          const train_and_test& data, double wrong, record::experiment& record);

//! What a checkpoint must agree in for its runs to go on bit for bit: the flags that decide, the
//! data as they are trained on, and what the order of a sum depends on.
identity identity_of(const program& what, const request& asked, const train_and_test& data);

}  // namespace training
