// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Numbers as JSON has them.
#pragma once

#include <limits>

namespace study {

//! JSON has no NaN: what is not a finite number, such as a diverged run's likelihood, is null.
template <class Json>
double number(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.template get<double>();
}

}  // namespace study
