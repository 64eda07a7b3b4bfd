// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Another program, run without a shell.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace process {

//! There is no such program.
struct missing {};

//! Runs a program, found on the PATH unless its name has a slash, with nothing on its input; waits.
//! @param command  its name and arguments
//! @param messages the file that gets what it prints, on either stream
//! @return its exit status, or 128 + the number of the signal that ended it
//! @throws missing, std::system_error
int run(std::vector<std::string> command, const std::filesystem::path& messages);

//! What a program printed, as one line without leading spaces.
[[nodiscard]] std::string one_line(const std::filesystem::path& messages);

}  // namespace process
