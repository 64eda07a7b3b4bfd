// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Numbers, tables and escapes, as a report prints them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace report {

//! Numbers that are not finite become "-".
[[nodiscard]] std::string fixed(double value, int decimals);
[[nodiscard]] std::string significant(double value, int digits);
[[nodiscard]] std::string percent(double fraction);    //!< "9.74", without the sign
[[nodiscard]] std::string seconds_text(double value);  //!< three digits: "3.94", "10.0", "225"
[[nodiscard]] std::string budget_text(double value);   //!< trimmed: "2.5", "10"
[[nodiscard]] std::string count_text(double value);    //!< "860", "12.5 k", "1.21 M"
[[nodiscard]] std::string multiple(double factor);     //!< "2.6x"
[[nodiscard]] std::string loss_text(double value);     //!< "2.41", "0.004"
[[nodiscard]] std::string exact(double value);  //!< shortest that reads back the same; "" if NaN
[[nodiscard]] std::string hexadecimal(std::uint64_t value);  //!< 16 digits

[[nodiscard]] std::string html_escape(std::string_view text);
//! Escaped, with "10 s", "9.74 %" and "10-second" each kept on one line.
[[nodiscard]] std::string html_unbroken(std::string_view text);
[[nodiscard]] std::string base64(const std::vector<std::uint8_t>& bytes);
//! Keeps letters, digits, '-' and '_'; never empty.
[[nodiscard]] std::string file_stem(std::string_view text);

//! First row is the head. Columns but the first whose cells all start with a digit or '-' are
//! aligned right.
struct table {
  std::vector<std::vector<std::string>> rows;

  [[nodiscard]] std::vector<bool> right_aligned() const;
  [[nodiscard]] std::string text() const;  //!< for a terminal
  [[nodiscard]] std::string markdown() const;
  //! Cells carry their column's head, so that a narrow page can show each row as a card.
  [[nodiscard]] std::string html(std::string_view css_class) const;
};

}  // namespace report
