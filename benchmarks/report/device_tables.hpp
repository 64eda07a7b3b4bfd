// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Measurements of kernels as Markdown: microseconds a call, beside a copy and the rivals.
#pragma once

#include "results.hpp"

namespace bench_report {

//! The build that is a device's, and the first word of its benchmarks.
inline constexpr std::string_view device_build = "gpu";

//! Whether these are measurements of kernels.
[[nodiscard]] bool is_device(const results& measured);

//! The whole page. Its first table is the one that the README shows.
[[nodiscard]] std::string device_markdown(const results& measured);

}  // namespace bench_report
