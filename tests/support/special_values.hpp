// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file NaN and infinities made from bits, so that -ffast-math cannot argue them away.
#pragma once

#include <bit>
#include <cstdint>

namespace support {

inline float float_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline double double_of(std::uint64_t bits) { return std::bit_cast<double>(bits); }

inline float nan_f() { return float_of(0x7fc00000u); }
inline float negative_nan_f() { return float_of(0xffc00000u); }
inline float infinity_f() { return float_of(0x7f800000u); }
inline float negative_infinity_f() { return float_of(0xff800000u); }
inline double nan_d() { return double_of(0x7ff8000000000000u); }
inline double infinity_d() { return double_of(0x7ff0000000000000u); }

}  // namespace support
