// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A saved job to JSON and back, bit for bit.
#pragma once

#include "job.hpp"

#include <nlohmann/json.hpp>

namespace training {

nlohmann::json pack(const saved_job& saved);

//! @throws nlohmann::json::exception, packed::error for what `pack` did not write
saved_job unpack(const nlohmann::json& value);

}  // namespace training
