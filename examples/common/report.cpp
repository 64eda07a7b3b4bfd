// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Which files a report consists of, and in which order they are written.
#include "report.hpp"

#include <cstdio>
#include <exception>
#include <system_error>

#include "contact_sheet.hpp"
#include "report_data.hpp"
#include "report_files.hpp"
#include "report_html.hpp"
#include "report_plots.hpp"
#include "report_summary.hpp"

namespace report {
namespace {

namespace fs = std::filesystem;

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

void warn(const std::string& text) { std::fprintf(stderr, "report: %s\n", text.c_str()); }

void draw(const named_chart& chart, const fs::path& out, page_parts& parts) {
  using plot::format;
  const fs::path svg = out / (chart.stem + ".svg"), png = out / (chart.stem + ".png");
  write_file(svg, plot::render(chart.chart, format::svg, svg));
  if (chart.png) write_file(png, plot::render(chart.chart, format::png, png));
  parts.charts.push_back({chart.stem, chart.chart.title, chart.caption,
                          plot::render(chart.chart, format::inline_wide, svg),
                          plot::render(chart.chart, format::inline_narrow, svg)});
}

void draw_charts(const record::experiment& experiment, const fs::path& out, page_parts& parts) {
  for (const char* stem : {"error_vs_seconds", "error_vs_backwards", "training_curve"}) {
    for (const char* suffix : {".svg", ".png"}) remove_quietly(out / (std::string(stem) + suffix));
  }
  for (const named_chart& chart : charts_of(experiment)) {
    try {
      draw(chart, out, parts);
    } catch (const plot::missing_gnuplot&) {
      warn("gnuplot was not found; the report has no plots (Debian: apt-get install gnuplot-nox)");
      return;
    } catch (const plot::failure& error) {
      warn(chart.stem + " is left out: " + error.what());
    }
  }
}

void write_sheet(const record::experiment& experiment, const fs::path& path,
                 const std::vector<record::exhibit>& exhibits, const char* title) {
  if (exhibits.empty()) {
    remove_quietly(path);
    return;
  }
  write_file(path,
             contact_sheet::png(exhibits, experiment.image_width, experiment.image_height, title));
}

}  // namespace

void write(const record::experiment& experiment, const fs::path& out, parts which) {
  prepare_directory(out);
  // The data first: whatever happens to a picture, the measurements are kept.
  write_file(out / "run.json", run_json(experiment));
  write_file(out / "steps.jsonl", steps_jsonl(experiment));
  write_file(out / "epochs.csv", epochs_csv(experiment));
  write_file(out / "summary.md", summary_markdown(experiment));
  if (which == parts::data) return;
  write_sheet(experiment, out / "most_selected.png", experiment.most_selected,
              "Most selected training examples");
  write_sheet(experiment, out / "least_selected.png", experiment.least_selected,
              "Least selected training examples");
  page_parts drawn;
  draw_charts(experiment, out, drawn);
  write_file(out / "report.html", page(experiment, drawn));
}

std::string summary(const record::experiment& experiment) {
  const finding finding = finding_of(experiment);
  std::string text = experiment.title + "\n" + finding.headline + "\n";
  const table table = summary_table(experiment, detail::brief);
  if (table.rows.size() > 1) text += "\n" + table.text();
  const double target = target_error(experiment);
  if (target >= 0) {
    text += "\nhits, seconds, backwards, forwards: complete runs that reach " + percent(target) +
            " % test error\nspeed-up: at equal mean error, interpolated between budgets\n";
  }
  for (const auto& note : experiment.notes) text += "note: " + note + "\n";
  return text;
}

}  // namespace report
