// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Writes files whole: under a temporary name, then renamed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace report {

//! Creates the folder where needed and checks that it can be written.
//! @throws std::runtime_error that names the folder and the reason
void prepare_directory(const std::filesystem::path& directory);

//! @throws std::runtime_error that names the file and the reason; an older file is then untouched
void write_file(const std::filesystem::path& path, std::string_view content);
void write_file(const std::filesystem::path& path, const std::vector<std::uint8_t>& content);

}  // namespace report
