// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plots.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>

#include "plot.hpp"
#include "tables.hpp"

namespace bench_report {
namespace {

struct figure {
  const char* title;
  const char* task;
  const char* axis;
  const char* label;
  const char* fixed;  //!< the other parameter, and
  double value;       //!< what it is held at; 0: whatever
};

constexpr std::array figures = {
    figure{"Select from a batch", "pick", "N", "losses in the batch", "H", 1024},
    figure{"Select from a batch of 65536", "pick", "H", "losses in the window", "N", 65536},
    figure{"Plan an epoch", "plan", "N", "examples in the ledger", "", 0},
    figure{"Record losses of scattered ids", "observe", "N", "examples in the ledger", "", 0},
    figure{"Take a batch of 128 into the window", "window", "H", "losses in the window", "N", 128},
};

//! A line of the figure: one who, in one build.
struct line {
  std::string name;
  plot::layer layer;
};

std::vector<line> lines_of(const results& measured, const figure& what) {
  std::vector<line> lines;
  for (const entry& e : measured.entries) {
    const auto x = e.parameter(what.axis);
    // A rival looks alike in both builds; the library is shown in each.
    const bool shown = e.build != "generic" || e.who == self;
    if (e.task != what.task || !e.variant().empty() || !x || !shown) continue;
    if (what.value > 0 && e.parameter(what.fixed) != what.value) continue;
    std::string name = display_name(e.who);
    if (e.who == self) name += ", " + e.build;
    auto found = std::find_if(lines.begin(), lines.end(),
                              [&](const line& other) { return other.name == name; });
    if (found == lines.end()) found = lines.insert(lines.end(), {name, {}});
    found->layer.points.emplace_back(*x, 1e9 * e.median);
  }
  // The library first, for the colours; points from left to right.
  std::stable_partition(lines.begin(), lines.end(),
                        [](const line& l) { return l.name.starts_with(self); });
  for (line& l : lines) std::sort(l.layer.points.begin(), l.layer.points.end());
  return lines;
}

}  // namespace

void draw(const results& measured, const std::filesystem::path& folder) {
  for (const figure& what : figures) {
    plot::chart chart;
    chart.title = std::string(what.title) + ": nanoseconds an example";
    chart.x = {std::string(what.label) + " (log scale)", true, {}};
    chart.y = {"ns an example (log scale)", true, {}};
    int colour = 0;
    for (line& l : lines_of(measured, what)) {
      l.layer.colour = colour;
      l.layer.line_width = l.name.starts_with(self) ? 3 : 1.5;
      l.layer.dot_size = .7;
      chart.labels.push_back({l.name, colour, l.layer.points.back()});
      chart.layers.push_back(std::move(l.layer));
      ++colour;
    }
    if (!plot::drawable(chart)) continue;
    std::string name = std::string(what.task) + "_against_" + what.axis + ".svg";
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto file = folder / name;
    std::ofstream(file) << plot::render(chart, plot::format::svg, file);
  }
}

}  // namespace bench_report
