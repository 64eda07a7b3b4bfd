// expect: gradsieve: a score must be callable as `float operator()(std::int64_t id, float loss, std::uint32_t age, gradsieve::group_id group) const`, trivially copyable and at most 48 bytes large
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

gradsieve::sieve sieve({.examples = 9, .by = [](float loss) { return 2 * loss; }});
