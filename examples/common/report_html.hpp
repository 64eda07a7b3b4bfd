// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The report as one page that needs nothing but itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "record.hpp"

namespace report {

//! A chart as drawn for the page, at two widths of which the page shows the one that fits.
struct drawn_chart {
  std::string stem, title, caption, wide_svg, narrow_svg;
};

struct page_parts {
  std::vector<drawn_chart> charts;
};

[[nodiscard]] std::string page(const record::experiment& experiment, const page_parts& parts);

//! The page's style sheet: light and dark, from 320 pixels to a desktop.
[[nodiscard]] std::string_view style_sheet();

}  // namespace report
