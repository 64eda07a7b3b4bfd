// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A selector of k whose k follows the batch or the step.
#pragma once

#include <gradsieve/select/key_masses.hpp>
#include <gradsieve/select/selector.hpp>
#include <gradsieve/state/bytes.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! How many of a step's n eligible examples are selected. Its numbers are saved with a sieve, and
//! must be the same where the sieve is loaded (or are restored, where they change by themselves).
template <class C>
concept count_rule = requires(C& count, const C& now, std::uint32_t step, std::size_t n,
                              byte_writer& out, byte_reader& in) {
  { now(step, n) } -> std::same_as<std::size_t>;
  now.write(out);
  count.read(in);
};

namespace detail {

inline void write_number(double value, byte_writer& out) {
  out.put(bit_cast<std::uint64_t>(value));
}
inline void expect_number(std::string_view name, double here, byte_reader& in) {
  const auto saved = bit_cast<double>(in.get<std::uint64_t>());
  if (bit_cast<std::uint64_t>(saved) != bit_cast<std::uint64_t>(here)) {
    fail<state_error>("state: saved with ", name, " ", saved, ", but this object has ", here);
  }
}

//! @throws invalid_argument unless value is in (0, 1].
inline void check_share(std::string_view name, double value) {
  if (!in_unit_interval(value) || !(value > 0)) {
    fail<invalid_argument>(name, " is ", value, ", not in (0, 1]");
  }
}

}  // namespace detail

//! int(keep n) of n, but at least one of a batch that is not empty.
struct keep_share {
  double keep = 0.5;  //!< in (0, 1]

  std::size_t operator()(std::uint32_t, std::size_t n) const {
    const auto k = static_cast<std::size_t>(keep * static_cast<double>(n));
    return k == 0 && n != 0 ? 1 : k;
  }
  void write(byte_writer& out) const { detail::write_number(keep, out); }
  void read(byte_reader& in) const { detail::expect_number("a keep share of", keep, in); }
};
static_assert(count_rule<keep_share>);

//! `Selector` with the k that `count` says, for each batch anew.
template <selector Selector, count_rule Count>
class counted {
 public:
  static constexpr bool needs_batch = true;  //!< a decision depends on the batch's others
  Count count = {};

  explicit counted(Count how_many = {}, Selector inner = Selector())
      : count(how_many), inner_(std::move(inner)) {}

  std::size_t select(const rule_view& rule, const window_view& window, const draw_key& key,
                     const selector_batch& batch, std::span<std::uint32_t> out) {
    detail::refuse_ids("counted", batch);
    inner_.k = count(key.step, detail::count_eligible(batch.keys));
    return inner_.select(rule, window, key, batch, out);
  }
  void inclusion(const rule_view& rule, const window_view& window, const selector_batch& batch,
                 std::span<const std::uint32_t> positions, std::span<float> out) {
    inner_.inclusion(rule, window, batch, positions, out);
  }
  void reserve(std::size_t n) { detail::reserve_for(inner_, n); }
  bool can_be_unbiased(std::uint64_t least_mass) const {
    return detail::can_be_unbiased(inner_, least_mass);
  }

  const Selector& inner() const { return inner_; }

  void write(byte_writer& out) const {
    count.write(out);
    if constexpr (requires { inner_.write(out); }) inner_.write(out);
  }
  void read(byte_reader& in) {
    count.read(in);
    if constexpr (requires { inner_.read(in); }) inner_.read(in);
  }

 private:
  Selector inner_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
