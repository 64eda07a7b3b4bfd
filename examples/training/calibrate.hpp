// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a forward pass and a training step cost on this machine, measured once at the start.
#pragma once

#include "schedule.hpp"
#include "trainer.hpp"

namespace training {

//! Times steps of a scratch network for about half a second and takes medians.
prices calibrate(const network_factory& make, const dataset& train, training_options options);

}  // namespace training
