// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Several policies, one for each group of examples.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/policy/curve.hpp>

#include <initializer_list>

namespace gradsieve::inline GRADSIEVE_ABI {

//! Owns policies of any types: `{power{3.0}, uniform{0.5}}`, or a vector or array of curves.
class policy_list {
 public:
  policy_list() = default;
  policy_list(std::initializer_list<curve> policies) {
    policies_.assign(policies.begin(), policies.size());
  }
  template <detail::other_than<policy_list> Policies>
  requires requires(const Policies& p) { static_cast<const curve*>(std::data(p)); }
  policy_list(const Policies& policies) {  // NOLINT(google-explicit-constructor)
    policies_.assign(std::data(policies), std::size(policies));
  }

  std::size_t size() const { return policies_.size(); }
  const curve& operator[](std::size_t i) const { return policies_[i]; }
  const curve* begin() const { return policies_.begin(); }
  const curve* end() const { return policies_.end(); }
  void push_back(const curve& policy) { policies_.push_back(policy); }

 private:
  detail::buffer<curve> policies_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
