// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Puts the report's page together.
#include "report_html.hpp"

#include <algorithm>
#include <cmath>

#include "contact_sheet.hpp"
#include "plot.hpp"
#include "report_summary.hpp"
#include "report_text.hpp"

namespace report {
namespace {

std::string heading(const std::string& text) { return "<h2>" + html_escape(text) + "</h2>\n"; }

std::string tile(const std::string& name, const std::string& value, const std::string& note,
                 bool lead = false) {
  return std::string("<div class=\"tile") + (lead ? " lead" : "") + "\"><dt>" +
         html_unbroken(name) + "</dt><dd>" + html_unbroken(value) + " <small>" +
         html_unbroken(note) + "</small></dd></div>\n";
}

std::string tiles(const record::experiment& experiment) {
  const auto rows = summarise(experiment);
  const method_summary* best = headline_method(experiment, rows);
  if (best == nullptr || rows.front().last.error.count == 0) return {};
  const speed_up& gain = best->gain;
  const std::string base = baseline_title(rows.front().method);
  std::string html = "<dl class=\"tiles\">\n";
  const std::string factor =
      (gain.kind == speed_up::outcome::at_least ? "≥ " : "") + multiple(gain.factor);
  std::string note = gain.seeds < 2 ? "one seed: spread not known" : "";
  if (!std::isnan(gain.lower)) {
    note = multiple(gain.lower) + " to " + multiple(gain.upper) + " over resampled seeds";
  }
  std::string value = factor;
  if (gain.kind == speed_up::outcome::unknown) {
    value = "not measured";
    note = "";
  } else if (gain.kind == speed_up::outcome::none) {
    value = "none here";
    if (std::isnan(gain.seconds)) note = "the error is not reached";
  } else if (!gain.clear()) {
    value = "not clear";
  }
  html += tile("Speed-up of " + best->method, value, note, gain.clear());
  if (!std::isnan(gain.seconds)) {
    html += tile("Time to equal error", budget_text(gain.seconds) + " s",
                 base + ": " + budget_text(gain.baseline_seconds) + " s");
  }
  html += tile("Mean error after " + budget_text(named_seconds(best->last)) + " s",
               percent(best->last.error.mean) + " %",
               base + ": " + percent(rows.front().last.error.mean) + " % after " +
                   budget_text(named_seconds(rows.front().last)) + " s");
  html += tile("Selection's share of the time", fixed(100 * best->overhead, 1) + " %",
               "included in all seconds");
  return html + "</dl>\n";
}

std::string figure(const drawn_chart& chart) {
  return "<figure id=\"" + chart.stem + "\">\n<div class=\"wide\">" + chart.wide_svg +
         "</div>\n<div class=\"narrow\">" + chart.narrow_svg + "</div>\n<figcaption>" +
         html_escape(chart.caption) + "</figcaption>\n</figure>\n";
}

std::string sheet(const std::string& title, const std::string& about,
                  const std::vector<record::exhibit>& exhibits, int width, int height) {
  if (exhibits.empty()) return {};
  std::string html = heading(title) + "<p>" + html_escape(about) +
                     "</p>\n<ul class=\"sheet\" style=\"--shape:" + std::to_string(width) + "/" +
                     std::to_string(height) + "\">\n";
  for (const auto& exhibit : exhibits) {
    const auto png = contact_sheet::image_png(exhibit, width, height);
    html += "<li>";
    html += png.empty() ? "<div class=\"blank\"></div>"
                        : "<img alt=\"\" src=\"data:image/png;base64," + base64(png) + "\">";
    html += "<b>" + html_escape(exhibit.label) + "</b>";
    if (!exhibit.true_label.empty() && exhibit.true_label != exhibit.label) {
      html += "<span class=\"wrong\">is " + html_escape(exhibit.true_label) + "</span>";
    }
    html += "<span>" + std::to_string(exhibit.selected) + " of " + std::to_string(exhibit.seen) +
            "</span><span>loss " + loss_text(static_cast<double>(exhibit.loss)) + "</span></li>\n";
  }
  return html + "</ul>\n";
}

std::string pairs(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string html = "<dl class=\"pairs\">\n";
  for (const auto& [key, value] : entries) {
    html += "<dt>" + html_escape(key) + "</dt><dd>" + html_escape(value) + "</dd>\n";
  }
  return html + "</dl>\n";
}

std::string bullets(const std::vector<std::string>& lines, const char* css_class) {
  std::string html = std::string("<ul class=\"") + css_class + "\">\n";
  for (const auto& line : lines) html += "<li>" + html_escape(line) + "</li>\n";
  return html + "</ul>\n";
}

//! Gives each row of the tables of methods the colour that the method has in the plots.
std::string dot_colours(const record::experiment& experiment, const table& table) {
  const auto names = method_names(experiment);
  std::string css;
  for (std::size_t row = 1; row < table.rows.size(); ++row) {
    const auto name = std::find(names.begin(), names.end(), table.rows[row][0]);
    const auto index = static_cast<std::size_t>(name - names.begin()) % plot::palette.size();
    css += ".summary tbody tr:nth-child(" + std::to_string(row) + "){--dot:var(--c" +
           std::to_string(index) + ")}\n";
  }
  return css;
}

}  // namespace

std::string page(const record::experiment& experiment, const page_parts& parts) {
  const finding finding = finding_of(experiment);
  const table summary = summary_table(experiment, detail::full);
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      // The page states itself that it loads nothing.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "img-src data:; style-src 'unsafe-inline'\">\n<title>" +
      html_escape(experiment.title) + "</title>\n<style>" + std::string(style_sheet()) +
      dot_colours(experiment, summary) + "</style>\n</head>\n<body>\n<main>\n<header>\n" +
      "<p class=\"eyebrow\">" + html_escape(experiment.title) + "</p>\n<h1>" +
      html_unbroken(finding.headline) + "</h1>\n";
  if (!finding.detail.empty()) {
    html += "<p class=\"detail\">" + html_unbroken(finding.detail) + "</p>\n";
  }
  html += tiles(experiment) + "</header>\n";

  const auto add_chart = [&](const drawn_chart& chart) {
    html += "<section>\n" + heading(chart.title) + figure(chart) + "</section>\n";
  };
  // The main picture stands before the table that spells it out, the others after it.
  const bool main_chart = !parts.charts.empty() && parts.charts.front().stem == "error_vs_seconds";
  if (main_chart) add_chart(parts.charts.front());
  if (summary.rows.size() > 1) {
    html += "<section>\n" + heading("Methods compared") + "<div class=\"scroll cards\">" +
            summary.html("methods summary") + "</div>\n" + bullets(remarks(experiment), "remarks") +
            "</section>\n";
  }
  if (const table table = speed_up_table(experiment); !table.rows.empty()) {
    html += "<section>\n" + heading("Speed-up at each budget of the baseline") +
            "<div class=\"scroll cards\">" + table.html("") + "</div>\n</section>\n";
  }
  for (std::size_t i = main_chart ? 1 : 0; i < parts.charts.size(); ++i) add_chart(parts.charts[i]);
  for (const auto& [title, rows] : experiment.tables) {
    html += "<section>\n" + heading(title) + "<div class=\"scroll\">" + table{rows}.html("") +
            "</div>\n</section>\n";
  }
  const std::string how =
      "Below each image: its label, how often it was selected of how often it "
      "was seen, its last loss.";
  html += sheet("Most selected training examples", how, experiment.most_selected,
                experiment.image_width, experiment.image_height);
  html += sheet("Least selected training examples", how, experiment.least_selected,
                experiment.image_width, experiment.image_height);
  if (!experiment.methods.empty()) {
    html +=
        "<section>\n" + heading("What the methods do") + pairs(experiment.methods) + "</section>\n";
  }
  if (!experiment.notes.empty()) {
    html +=
        "<section>\n" + heading("Notes") + bullets(experiment.notes, "remarks") + "</section>\n";
  }
  if (!experiment.environment.empty()) {
    html += "<section>\n" + heading("Environment") + pairs(experiment.environment) + "</section>\n";
  }
  return html +
         "<footer>Written by gradsieve's example trainer. The numbers are in run.json, epochs.csv "
         "and steps.jsonl beside this page.</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace report
