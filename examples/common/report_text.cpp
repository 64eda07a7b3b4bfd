// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Numbers, tables and escapes, as a report prints them.
#include "report_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace report {

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  std::array<char, 352> buffer{};  // the largest double has 309 digits before the point
  const int size = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  return {buffer.data(), static_cast<std::size_t>(std::clamp(size, 0, 351))};
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  std::array<char, 64> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, value);
  return {buffer.data(), static_cast<std::size_t>(std::clamp(size, 0, 63))};
}

std::string percent(double fraction) { return fixed(100 * fraction, 2); }

std::string seconds_text(double value) {
  return fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

std::string budget_text(double value) {
  std::string text = fixed(value, value < 9.95 ? 1 : 0);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return value < .95 ? significant(value, 2) : text;
}

std::string count_text(double value) {
  if (!std::isfinite(value)) return "-";
  struct unit {
    double size;
    const char* name;
  };
  for (const unit u : {unit{1e9, " G"}, unit{1e6, " M"}, unit{1e3, " k"}}) {
    // .9995: what would round to 1000 of a smaller unit is 1 of this one.
    if (value < .9995 * u.size) continue;
    const double scaled = value / u.size;
    return fixed(scaled, scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0) + u.name;
  }
  return fixed(value, 0);
}

std::string multiple(double factor) {
  return std::isfinite(factor) ? fixed(factor, factor < 9.95 ? 1 : 0) + "x" : "-";
}

std::string loss_text(double value) {
  if (value > 0 && value < 1e-4) return "< 0.0001";
  return std::abs(value) < .05 ? significant(value, 1) : fixed(value, 2);
}

std::string exact(double value) {
  if (!std::isfinite(value)) return "";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::string hexadecimal(std::uint64_t value) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 4) {
    *digit = "0123456789abcdef"[value & 15];
  }
  return text;
}

std::string html_escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string html_unbroken(std::string_view text) {
  std::string html = html_escape(text);
  const auto replace = [&html](std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = html.find(from, at)) != std::string::npos; at += to.size()) {
      const std::size_t end = at + from.size();
      const bool word = end == html.size() || !(html[end] >= 'a' && html[end] <= 'z');
      if (word) html.replace(at, from.size(), to);
    }
  };
  replace(" s", "&nbsp;s");
  replace(" %", "&nbsp;%");
  replace("-second", "&#8209;second");
  return html;
}

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      word = (word << 8) | (i + j < bytes.size() ? bytes[i + j] : std::uint32_t{0});
    }
    for (std::size_t j = 0; j < 4; ++j) {
      result += i + j <= bytes.size() ? digits[(word >> (18 - 6 * j)) & 63] : '=';
    }
  }
  return result;
}

std::string file_stem(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    result += plain || c == '-' ? c : '_';
  }
  return result.empty() ? "figure" : result;
}

namespace {

//! Columns that a UTF-8 text takes on a terminal, wide characters aside.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string markdown_escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '<' || c == '*' || c == '`') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

}  // namespace

std::vector<bool> table::right_aligned() const {
  std::vector<bool> right(rows.empty() ? 0 : rows.front().size(), true);
  if (!right.empty()) right[0] = false;
  for (std::size_t row = 1; row < rows.size(); ++row) {
    for (std::size_t i = 0; i < right.size() && i < rows[row].size(); ++i) {
      const std::string& cell = rows[row][i];
      const bool number = cell.empty() || cell[0] == '-' || (cell[0] >= '0' && cell[0] <= '9');
      if (!number) right[i] = false;
    }
  }
  return right;
}

std::string table::text() const {
  const auto right = right_aligned();
  std::vector<std::size_t> widths(right.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size() && i < row.size(); ++i) {
      widths[i] = std::max(widths[i], columns(row[i]));
    }
  }
  std::string result;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string cell = i < rows[index].size() ? rows[index][i] : "";
      const std::string pad(widths[i] - columns(cell), ' ');
      line += (i == 0 ? "" : "  ") + (right[i] ? pad + cell : cell + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + '\n';
    if (index != 0) continue;
    std::size_t width = widths.empty() ? 0 : 2 * (widths.size() - 1);
    for (const std::size_t w : widths) width += w;
    result += std::string(width, '-') + '\n';
  }
  return result;
}

std::string table::markdown() const {
  const auto right = right_aligned();
  std::string result;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    result += '|';
    for (std::size_t i = 0; i < right.size(); ++i) {
      result += ' ' + markdown_escape(i < rows[index].size() ? rows[index][i] : "") + " |";
    }
    result += '\n';
    if (index != 0) continue;
    result += '|';
    for (const bool r : right) result += r ? " ---: |" : " --- |";
    result += '\n';
  }
  return result;
}

std::string table::html(std::string_view css_class) const {
  if (rows.empty()) return {};
  const auto right = right_aligned();
  std::string result = "<table class=\"" + std::string(css_class) + "\">\n<thead><tr>";
  for (std::size_t i = 0; i < right.size(); ++i) {
    result += std::string("<th scope=\"col\"") + (right[i] ? " class=\"n\">" : ">") +
              html_unbroken(rows[0][i]) + "</th>";
  }
  result += "</tr></thead>\n<tbody>\n";
  for (std::size_t index = 1; index < rows.size(); ++index) {
    result += "<tr>";
    for (std::size_t i = 0; i < right.size(); ++i) {
      const std::string cell = i < rows[index].size() ? rows[index][i] : "";
      const std::string classes = std::string(right[i] ? "n " : "") + (cell == "-" ? "void" : "");
      result += std::string(i == 0 ? "<th scope=\"row\"" : "<td") +
                (classes.empty() ? "" : " class=\"" + classes + '"') + " data-label=\"" +
                html_unbroken(rows[0][i]) + "\">" + html_unbroken(cell) +
                (i == 0 ? "</th>" : "</td>");
    }
    result += "</tr>\n";
  }
  return result + "</tbody>\n</table>\n";
}

}  // namespace report
