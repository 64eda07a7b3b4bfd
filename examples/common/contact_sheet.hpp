// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Contact sheets: training images with their label and what selection did with them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record.hpp"

namespace contact_sheet {

//! One sheet as PNG bytes: every image enlarged, below it the label (with the true one in red where
//! it differs), how often it was selected of how often it was seen, and its last loss.
//! An exhibit whose pixels do not fit the size is drawn as an empty frame.
[[nodiscard]] std::vector<std::uint8_t> png(const std::vector<record::exhibit>& exhibits, int width,
                                            int height, const std::string& title);

//! One image alone, unscaled, as grey PNG bytes; empty when the pixels do not fit the size.
[[nodiscard]] std::vector<std::uint8_t> image_png(const record::exhibit& exhibit, int width,
                                                  int height);

}  // namespace contact_sheet
