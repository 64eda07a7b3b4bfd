// expect: deleted
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include <array>

gradsieve::tabulated make() { return gradsieve::tabulated(std::array{0.0, 0.5, 1.0}); }
