// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Line and scatter charts through gnuplot: one description, drawn as SVG and PNG.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plot {

using point = std::pair<double, double>;

//! Colours safe for colour-blind readers (Okabe and Ito); 0 is the ink, for the baseline.
inline constexpr std::array<std::string_view, 8> palette = {
    "#2b2b2b", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d1f"};

struct layer {
  std::vector<point>
      points;      //!< points that are not finite, or not positive on a log axis, are left out
  int colour = 0;  //!< index into the palette, modulo its size
  double line_width = 0;  //!< 0: no line
  double dot_size = 0;    //!< 0: no dots
  bool faint = false;
};

//! Written at the right edge, level with its point and tied to it by a thin line.
struct end_label {
  std::string text;
  int colour = 0;
  point at;
};

struct axis {
  std::string label;
  bool log = false;
  std::vector<std::pair<double, std::string>> tics;  //!< empty: chosen
};

struct chart {
  std::string title;
  axis x, y;
  std::vector<layer> layers;
  std::vector<end_label> labels;
  std::optional<std::pair<double, std::string>> level;  //!< dashed line at y, with its caption
  struct span {
    double from, to, y;
    std::string text;
  };
  std::optional<span> gain;  //!< arrow along y, with its caption
};

enum class format {
  svg,          //!< a file of its own: title, white ground
  png,          //!< likewise, twice the pixels
  inline_wide,  //!< SVG for a page: no title, colours as CSS variables --ink, --rule, --c0, --c1, …
  inline_narrow
};

//! Whether any point can be drawn.
[[nodiscard]] bool drawable(const chart& chart);

//! Runs gnuplot. Its input and output are temporary files beside `file`, gone on return.
//! @return the path's bytes: the SVG text or the PNG
//! @throws failure with gnuplot's own words, missing_gnuplot when there is none
[[nodiscard]] std::string render(const chart& chart, format as, const std::filesystem::path& file);

struct missing_gnuplot {};
//! A chart that gnuplot could not draw, in its own words.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

//! Tic positions and captions for a range; for a log axis 1-2-5 steps, finer ones when it is short.
[[nodiscard]] std::vector<std::pair<double, std::string>> choose_tics(double low, double high,
                                                                      bool log);
//! Moves positions apart to at least `gap`, in their order, within [0, 1] as far as they fit.
[[nodiscard]] std::vector<double> spread_out(std::vector<double> positions, double gap);

}  // namespace plot
