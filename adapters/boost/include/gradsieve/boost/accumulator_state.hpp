// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The state of Boost's accumulators as bytes, without Boost.Serialization.
#pragma once

#include <gradsieve/key/float_bits.hpp>
#include <gradsieve/state/bytes.hpp>

#include <boost/circular_buffer.hpp>

#include <algorithm>
#include <limits>
#include <vector>

namespace gradsieve::inline GRADSIEVE_ABI::detail {

//! An archive in Boost's sense, to which an accumulator shows its members by `&`: writes them.
class accumulator_writer {
 public:
  explicit accumulator_writer(byte_writer& out) : out_(&out) {}

  void operator&(std::size_t count) { out_->put(std::uint64_t{count}); }
  void operator&(double value) { out_->put(bit_cast<std::uint64_t>(value)); }
  void operator&(const std::vector<double>& values) { list(values); }
  void operator&(const boost::circular_buffer<double>& values) { list(values); }

 private:
  template <class Numbers>
  void list(const Numbers& values) {
    *this& values.size();
    for (const double value : values) *this& value;
  }

  byte_writer* out_;
};

//! Whether a finite number is in the range of losses.
inline bool is_loss_sized(double value) {
  constexpr double most = static_cast<double>((std::numeric_limits<float>::max)());
  return -most <= value && value <= most;
}

//! Reads what `accumulator_writer` wrote of an accumulator made alike.
//! @throws state_error for numbers that are not finite and lists that do not fit. What the numbers
//! say together is the caller's to check.
class accumulator_reader {
 public:
  explicit accumulator_reader(byte_reader& in) : in_(&in) {}

  //! Positions among more losses would not be exact.
  void operator&(std::size_t& count) {
    const auto saved = in_->get<std::uint64_t>();
    if (saved >> 53 != 0) fail<state_error>("state: a count of ", saved, " losses");
    losses_ = saved;
    count = static_cast<std::size_t>(saved);
  }
  void operator&(double& value) {
    const auto bits = in_->get<std::uint64_t>();
    if (((bits >> 52) & 0x7ff) == 0x7ff) fail<state_error>("state: a statistic is not finite");
    value = bit_cast<double>(bits);
  }
  void operator&(std::vector<double>& values) {
    in_->expect("a list of", std::uint64_t{values.size()});
    for (double& value : values) *this& value;
  }
  void operator&(boost::circular_buffer<double>& values) {
    const auto count = in_->get<std::uint64_t>();
    if (count != (std::min)(losses_, std::uint64_t{values.capacity()})) {
      fail<state_error>("state: ", count, " losses in a rolling buffer of ", values.capacity(),
                        " after ", losses_);
    }
    values.clear();
    for (std::uint64_t i = 0; i < count; ++i) {
      double value = 0;
      *this& value;
      values.push_back(value);
    }
  }

 private:
  byte_reader* in_;
  std::uint64_t losses_ = 0;
};

//! Shows the members of the accumulators of these features to an archive, in this order.
template <class... Features, class Set, class Archive>
void show_accumulators(Set& set, Archive& archive) {
  (set.template extract<Features>().serialize(archive, 0u), ...);
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::detail
