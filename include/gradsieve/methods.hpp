// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The published methods, each a few parts of the core put together. Not part of
//! `gradsieve.hpp`.
#pragma once

#include <gradsieve/methods/list.hpp>
