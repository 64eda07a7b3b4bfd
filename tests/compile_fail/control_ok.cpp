// expect: success
// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The other files differ from this one by their mistake alone.
#include <gradsieve/gradsieve.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
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

struct last_loss {
  void push_keys(std::span<const gradsieve::loss_key> keys) {
    if (!keys.empty()) last = keys.back();
  }
  std::size_t size() const { return 1; }
  std::size_t capacity() const { return 1; }
  void write_sorted_keys(std::span<gradsieve::loss_key> out) const { out[0] = last; }
  void write(gradsieve::byte_writer& out) const { out.put(last); }
  void read(gradsieve::byte_reader& in) { last = in.get<gradsieve::loss_key>(); }
  gradsieve::loss_key last = 0;
};
struct first_of_batch {
  std::size_t select(const gradsieve::rule_view&, const gradsieve::window_view&,
                     const gradsieve::draw_key&, const gradsieve::selector_batch&,
                     std::span<std::uint32_t> out) {
    out[0] = 0;
    return 1;
  }
  void inclusion(const gradsieve::rule_view&, const gradsieve::window_view&,
                 const gradsieve::selector_batch&, std::span<const std::uint32_t> positions,
                 std::span<float> out) const {
    for (std::size_t i = 0; i < positions.size(); ++i) out[i] = positions[i] == 0 ? 1.0f : 0.0f;
  }
};
struct every_other {
  bool due(std::int64_t id, std::uint32_t, std::uint32_t) const { return id % 2 == 0; }
};
using own = gradsieve::basic_sieve<last_loss, first_of_batch, every_other>;
void train_own(own& sieve, const std::vector<std::int64_t>& ids, const std::vector<float>& losses) {
  sieve.plan(1);
  sieve.observe(ids, losses);
  sieve.pick(ids, losses);
  sieve.load(sieve.save());
}
gradsieve::sieve scored({.examples = 9,
                         .by = [](std::int64_t, float loss, std::uint32_t, gradsieve::group_id) {
                           return 2 * loss;
                         }});
