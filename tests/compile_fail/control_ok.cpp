// expect: success
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The other files differ from this one by their mistake alone.
#include <gradsieve/gradsieve.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

struct is_const {
  double operator()(double percentile) const { return percentile; }
};

gradsieve::curve callable = is_const{};
gradsieve::curve returns_double = [](double percentile) { return percentile > 0.5 ? 1.0 : 0.0; };

gradsieve::curve make_small(std::array<double, 6> steps) {
  return [steps](double percentile) { return steps[static_cast<std::size_t>(percentile * 5.0)]; };
}
gradsieve::curve make_tabulated(const std::vector<double>& table) {
  return gradsieve::tabulated(table);
}
void train(gradsieve::sieve& sieve, const std::vector<std::int64_t>& ids,
           const std::vector<float>& losses) {
  sieve.pick(losses);
  sieve.pick(ids, losses);
}
