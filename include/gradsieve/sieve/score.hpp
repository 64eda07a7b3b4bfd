// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What is ranked in the place of the loss: a user's score of an example.
#pragma once

#include <gradsieve/policy/curve.hpp>
#include <gradsieve/rule/group_tables.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! A score: `float operator()(std::int64_t id, float loss, std::uint32_t age, group_id group)
//! const`, trivially copyable, at most `policy_capacity` bytes, a pure function. `age` is the
//! epochs since the example was last visited, modulo 4096 (since epoch 0 if it never was).
template <class F>
concept score_function =
    std::is_invocable_r_v<float, const F&, std::int64_t, float, std::uint32_t, group_id> &&
    detail::fits_in_place<F>;

//! Holds a copy of any score in place, as `curve` holds a policy. Without one the loss itself is
//! ranked. A score that is NaN or infinite is treated as such a loss is.
class score {
 public:
  score() = default;
  template <detail::other_than<score> F>
  score(F function)  // NOLINT(google-explicit-constructor): any such function is a score
      : held_(function) {
    static_assert(score_function<F>,
                  "gradsieve: a score must be callable as `float operator()(std::int64_t id, float "
                  "loss, std::uint32_t age, gradsieve::group_id group) const`, trivially copyable "
                  "and at most 48 bytes large");
    if constexpr (score_function<F>) {
      call_ = [](const detail::callable_bytes& held, std::int64_t id, float loss, std::uint32_t age,
                 group_id group) -> float { return held.as<F>()(id, loss, age, group); };
    }
  }

  explicit operator bool() const { return call_ != nullptr; }

  //! The key that is ranked for a finite loss.
  loss_key operator()(std::int64_t id, loss_key loss, std::uint32_t age, group_id group) const {
    return call_ == nullptr ? loss : to_key(call_(held_, id, to_loss(loss), age, group));
  }

 private:
  detail::callable_bytes held_;
  float (*call_)(const detail::callable_bytes&, std::int64_t, float, std::uint32_t,
                 group_id) = nullptr;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
