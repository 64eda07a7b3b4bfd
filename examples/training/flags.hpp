// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The command line: to settings, or to a message and an exit code.
#pragma once

#include "program.hpp"
#include "settings.hpp"

#include <map>
#include <optional>
#include <string>

namespace training {

//! What the command line asks for.
struct request {
  settings chosen;
  std::string flags;                            //!< as given, for the record
  std::map<std::string, std::string> deciding;  //!< those that results depend on: name, values
};

//! Reads the command line. Without a value the program is to end with `exit_code`: help and lists
//! have been printed then (0), or one line about what is wrong (2).
std::optional<request> read_flags(const program& what, int argc, char** argv, int& exit_code);

}  // namespace training
