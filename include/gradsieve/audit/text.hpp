// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Numbers as text, for reports that need no stream.
#pragma once

#include <gradsieve/config.hpp>

#include <cstdio>
#include <string>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! "12.30": so many digits after the point.
inline std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

//! "12.3 %" of a share.
inline std::string percent(double share, int digits = 1) {
  return fixed(100 * share, digits) + " %";
}

//! At least `width` letters, filled up with blanks on the left, or on the right if it is negative.
inline std::string column(const std::string& text, int width) {
  char padded[128];
  std::snprintf(padded, sizeof padded, "%*s", width, text.c_str());
  return padded;
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
