// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Draws a chart through gnuplot and fits the SVG into a page.
#include "plot.hpp"

#include "plot_process.hpp"
#include "report_text.hpp"

namespace plot {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

void erase_elements(std::string& text, std::string_view open, std::string_view close) {
  for (std::size_t at = 0; (at = text.find(open, at)) != std::string::npos;) {
    const std::size_t end = text.find(close, at);
    if (end == std::string::npos) return;
    text.erase(at, end + close.size() - at);
  }
}

//! gnuplot writes #0072b2 as rgb(  0, 114, 178), and without the blanks for text.
void replace_colour(std::string& svg, std::string_view hex, const std::string& variable) {
  std::string padded = "rgb(", tight = "rgb(";
  for (std::size_t i = 1; i < 7; i += 2) {
    const std::string value = std::to_string(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    padded += std::string(3 - value.size(), ' ') + value + (i < 5 ? ", " : ")");
    tight += value + (i < 5 ? "," : ")");
  }
  replace_all(svg, padded, variable);
  replace_all(svg, tight, variable);
}

//! What makes the SVG part of a page: its colours, ids of its own, no prolog, no tool's tooltips.
void adapt_to_page(std::string& svg, const chart& chart, const std::string& prefix) {
  svg.erase(0, svg.find("<svg"));
  replace_colour(svg, text_colour, "var(--ink)");
  replace_colour(svg, rule_colour, "var(--rule)");
  for (std::size_t i = 0; i < palette.size(); ++i) {
    replace_colour(svg, palette[i], "var(--c" + std::to_string(i) + ")");
  }
  replace_all(svg, "gpPt", prefix + "Pt");
  replace_all(svg, "gpDot", prefix + "Dot");
  replace_all(svg, "id=\"gnuplot_", "id=\"" + prefix);
  erase_elements(svg, "<filter", "</filter>");
  svg.insert(4, " role=\"img\" aria-label=\"" + report::html_escape(chart.title) + "\"");
}

}  // namespace

std::string render(const chart& chart, format as, const std::filesystem::path& file) {
  std::filesystem::path output = file;
  output += ".drawing";
  std::string bytes = run_gnuplot(gnuplot_script(chart, as, output), file, output);
  if (as == format::png) return bytes;
  erase_elements(bytes, "<title>", "</title>");
  erase_elements(bytes, "<desc>", "</desc>");
  replace_all(bytes, "\"sans-serif:Bold\"", "\"sans-serif\" font-weight=\"bold\"");
  if (as != format::svg) {
    adapt_to_page(bytes, chart,
                  report::file_stem(file.stem().string()) +
                      (as == format::inline_wide ? "_wide_" : "_narrow_"));
  }
  return bytes;
}

}  // namespace plot
