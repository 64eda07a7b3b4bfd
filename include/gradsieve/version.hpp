// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The library's version; CMake reads these three lines.
#pragma once

#define GRADSIEVE_VERSION_MAJOR 0
#define GRADSIEVE_VERSION_MINOR 1
#define GRADSIEVE_VERSION_PATCH 0
