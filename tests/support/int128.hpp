// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The compiler's 128-bit integer, for oracles.
#pragma once

namespace support {

__extension__ using uint128 = unsigned __int128;

}  // namespace support
