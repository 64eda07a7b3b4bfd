// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Writes a chart as a gnuplot script.
#include <algorithm>
#include <cmath>
#include <limits>

#include "plot_process.hpp"
#include "report_text.hpp"

namespace plot {
namespace {

bool shows(const chart& chart, const point& p) {
  return std::isfinite(p.first) && std::isfinite(p.second) && (!chart.x.log || p.first > 0) &&
         (!chart.y.log || p.second > 0);
}

struct range {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  //! Adds air on both sides; a range without width gets one.
  void widen(bool log, double share) {
    if (log) {
      const double factor = high > low ? std::pow(high / low, share) : 1.5;
      low /= factor;
      high *= factor;
    } else {
      const double extra = high > low ? share * (high - low) : std::max(std::abs(high) * .1, 1e-9);
      low -= extra;
      high += extra;
    }
  }
  [[nodiscard]] double fraction(double value, bool log) const {
    return log ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  }
};

//! gnuplot's single quotes know no escapes but the doubled quote.
std::string quote(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + "'";
}

std::string number(double value) { return report::exact(value); }
std::string colour_of(int index) {
  return std::string(palette[static_cast<std::size_t>(index) % palette.size()]);
}
std::string fainter(std::string_view colour) { return "#a0" + std::string(colour.substr(1)); }

//! Cairo's points are larger than the pixels that an SVG counts in.
constexpr double png_font = .7;

struct layout {
  double width, height, font;
  bool title;
};

layout layout_of(format as) {
  switch (as) {
    case format::inline_wide: return {940, 470, 15, false};
    case format::inline_narrow: return {360, 350, 12, false};
    case format::svg:
    case format::png: break;
  }
  return {860, 500, 15, true};
}

std::string terminal(const layout& page, format as) {
  const std::string size = number(page.width) + "," + number(page.height);
  if (as == format::png) {
    return "set terminal pngcairo noenhanced size " + number(2 * page.width) + "," +
           number(2 * page.height) + " font 'sans-serif," + number(png_font * page.font) +
           "' fontscale 2 linewidth 2 pointscale 3.4 background rgb '#ffffff'\n";
  }
  return "set terminal svg noenhanced dynamic size " + size + " font 'sans-serif," +
         number(page.font) + "'" + (as == format::svg ? " background rgb '#ffffff'" : "") + "\n";
}

std::vector<std::pair<double, std::string>> tics_of(const axis& axis, const range& range) {
  return axis.tics.empty() ? choose_tics(range.low, range.high, axis.log) : axis.tics;
}

//! @param room width in pixels over which captions must not touch; 0: they are stacked
std::string axis_commands(char name, const axis& axis, const range& range, double room,
                          double font) {
  const std::string n(1, name);
  const auto tics = tics_of(axis, range);
  std::string list;
  double free_from = -room;
  for (const auto& [at, text] : tics) {
    if (at < range.low || at > range.high) continue;
    const double middle = room * range.fraction(at, axis.log);
    const double half = .3 * font * static_cast<double>(text.size());
    if (room > 0 && middle - half < free_from) continue;
    free_from = middle + half + .5 * font;
    list += (list.empty() ? "" : ", ") + quote(text) + " " + number(at);
  }
  return (axis.log ? "set logscale " + n + "\n" : "") + "set " + n + "range [" + number(range.low) +
         ":" + number(range.high) + "]\nset " + n + "tics scale 0 nomirror (" + list +
         ") textcolor rgb '" + std::string(text_colour) + "'\n";
}

}  // namespace

bool drawable(const chart& chart) {
  return std::any_of(chart.layers.begin(), chart.layers.end(), [&](const layer& layer) {
    return std::any_of(layer.points.begin(), layer.points.end(),
                       [&](const point& p) { return shows(chart, p); });
  });
}

std::string gnuplot_script(const chart& chart, format as, const std::filesystem::path& output) {
  const layout page = layout_of(as);
  range x, y;
  for (const layer& layer : chart.layers) {
    for (const point& p : layer.points) {
      if (!shows(chart, p)) continue;
      x.include(p.first);
      y.include(p.second);
    }
  }
  if (chart.level && shows(chart, {1, chart.level->first})) y.include(chart.level->first);
  x.widen(chart.x.log, .06);
  y.widen(chart.y.log, .08);

  std::size_t longest = 0;
  for (const end_label& label : chart.labels) longest = std::max(longest, label.text.size());
  const double right = longest == 0 ? 14 : .56 * page.font * static_cast<double>(longest) + 26;
  const double top = (page.title ? 3.1 * page.font : 0) + 2.6 * page.font;
  std::size_t widest = 0;
  for (const auto& [at, text] : tics_of(chart.y, y)) widest = std::max(widest, text.size());
  const double left = std::max(3.8, .6 * static_cast<double>(widest) + 1.4) * page.font;
  const double bottom = 3.7 * page.font;
  const double plot_height = page.height - top - bottom;
  const std::string ink(text_colour);

  std::string s = terminal(page, as) + "set output " + quote(output.string()) + "\nunset key\n" +
                  "set border 1 lw 1 lc rgb '" + ink + "'\nset grid ytics lw 1 lt 1 lc rgb '" +
                  std::string(rule_colour) + "'\n";
  s += "set lmargin at screen " + number(left / page.width) + "\nset rmargin at screen " +
       number(1 - right / page.width) + "\nset tmargin at screen " + number(1 - top / page.height) +
       "\nset bmargin at screen " + number(bottom / page.height) + "\n";
  s += axis_commands('x', chart.x, x, page.width - left - right, page.font) +
       axis_commands('y', chart.y, y, 0, page.font);
  s += "set label 3 " + quote(chart.x.label) + " at screen " +
       number((left + (page.width - left - right) / 2) / page.width) + ", screen " +
       number(.8 * page.font / page.height) + " center textcolor rgb '" + ink + "'\n";
  // Above the axis and level: a turned label costs width and a turned head.
  s += "set label 1 " + quote(chart.y.label) + " at screen " + number(.6 * page.font / page.width) +
       ", screen " + number(1 - (top - 1.5 * page.font) / page.height) + " left textcolor rgb '" +
       ink + "'\n";
  if (page.title) {
    s += "set label 2 " + quote(chart.title) + " at screen " + number(.6 * page.font / page.width) +
         ", screen " + number(1 - 1.6 * page.font / page.height) + " left font 'sans-serif:Bold," +
         number((as == format::png ? png_font : 1) * page.font * 1.2) + "' textcolor rgb '" +
         std::string(palette[0]) + "'\n";
  }

  std::vector<const end_label*> labels;
  std::vector<double> heights;
  for (const end_label& label : chart.labels) {
    if (!shows(chart, label.at)) continue;
    labels.push_back(&label);
    heights.push_back(y.fraction(label.at.second, chart.y.log));
  }
  heights = spread_out(std::move(heights), 1.3 * page.font / plot_height);
  const double plot_width = page.width - left - right;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string colour = colour_of(labels[i]->colour), height = number(heights[i]);
    s += "set arrow from " + number(labels[i]->at.first) + "," + number(labels[i]->at.second) +
         " to graph " + number(1 + 10 / plot_width) + ", graph " + height +
         " nohead lw 1 lc rgb '" + fainter(colour) + "'\nset label " + quote(labels[i]->text) +
         " at graph " + number(1 + 14 / plot_width) + ", graph " + height +
         " left textcolor rgb '" + colour + "'\n";
  }
  if (chart.level && shows(chart, {1, chart.level->first})) {
    const double height = y.fraction(chart.level->first, chart.y.log);
    s += "set arrow from graph 0, first " + number(chart.level->first) + " to graph 1, first " +
         number(chart.level->first) + " nohead dt (6,5) lw 1.2 lc rgb '" + ink + "'\n";
    s += "set label " + quote(chart.level->second) + " at graph " + number(8 / plot_width) +
         ", graph " + number(height - .85 * page.font / plot_height) + " left textcolor rgb '" +
         ink + "'\n";
  }
  if (chart.gain && shows(chart, {chart.gain->from, chart.gain->y}) &&
      shows(chart, {chart.gain->to, chart.gain->y})) {
    // Above the arrow and towards its head: there the curves are farthest away.
    const double at = .65 * x.fraction(chart.gain->to, chart.x.log) +
                      .35 * x.fraction(chart.gain->from, chart.x.log);
    s += "set arrow from " + number(chart.gain->from) + "," + number(chart.gain->y) + " to " +
         number(chart.gain->to) + "," + number(chart.gain->y) + " front head filled size screen " +
         number(12 / page.width) + ",18 lw 2.5 lc rgb '" + colour_of(0) + "'\n";
    s += "set label " + quote(chart.gain->text) + " at graph " + number(at) + ", graph " +
         number(y.fraction(chart.gain->y, chart.y.log) + .9 * page.font / plot_height) +
         " center front font 'sans-serif:Bold," +
         number((as == format::png ? png_font : 1) * page.font) + "' textcolor rgb '" +
         colour_of(0) + "'\n";
  }

  std::string commands;
  int index = 0;
  for (const layer& layer : chart.layers) {
    std::string block;
    for (const point& p : layer.points) {
      if (shows(chart, p)) block += number(p.first) + " " + number(p.second) + "\n";
    }
    if (block.empty()) continue;
    const std::string name = "$layer" + std::to_string(index++);
    s += name + " << END_OF_LAYER\n" + block + "END_OF_LAYER\n";
    const std::string colour =
        layer.faint ? fainter(colour_of(layer.colour)) : colour_of(layer.colour);
    const auto add = [&](const std::string& style) {
      commands += (commands.empty() ? "plot " : ", ") + name + " with " + style + " lc rgb '" +
                  colour + "' notitle";
    };
    if (layer.line_width > 0) add("lines lw " + number(layer.line_width));
    if (layer.dot_size > 0) add("points pt 7 ps " + number(layer.dot_size));
  }
  return s + commands + "\nunset output\n";
}

}  // namespace plot
