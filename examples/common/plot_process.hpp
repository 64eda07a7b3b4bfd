// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What drawing a chart consists of: the script, and gnuplot run on it without a shell.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "plot.hpp"

namespace plot {

//! Of text and axes, and of the grid.
inline constexpr std::string_view text_colour = "#3a3a3a", rule_colour = "#d9d9d6";

//! @param output the file that the script tells gnuplot to write
[[nodiscard]] std::string gnuplot_script(const chart& chart, format as,
                                         const std::filesystem::path& output);

//! @param script what gnuplot executes; it writes `output`
//! @param near the script and gnuplot's messages lie beside this path until the call returns
//! @return the bytes of `output`, which is removed
//! @throws missing_gnuplot, or failure with gnuplot's message
[[nodiscard]] std::string run_gnuplot(const std::string& script, const std::filesystem::path& near,
                                      const std::filesystem::path& output);

}  // namespace plot
