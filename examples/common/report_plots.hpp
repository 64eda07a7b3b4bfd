// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The charts of an experiment.
#pragma once

#include <string>
#include <vector>

#include "plot.hpp"
#include "record.hpp"

namespace report {

struct named_chart {
  std::string stem;     //!< of its files
  std::string caption;  //!< how to read it, one or two sentences
  plot::chart chart;
  bool png = true;
};

//! Error against seconds and backwards, the curves within runs, and the experiment's own figures;
//! charts with nothing to draw are left out.
[[nodiscard]] std::vector<named_chart> charts_of(const record::experiment& experiment);

}  // namespace report
