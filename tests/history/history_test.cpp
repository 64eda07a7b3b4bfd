// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/history/loss_window.hpp>

#include <array>
#include <vector>

using gradsieve::loss_key;

namespace {

//! A history of one's own: it remembers the last key only.
class last_loss {
 public:
  void push_keys(std::span<const loss_key> keys) {
    for (const loss_key key : keys) {
      if (gradsieve::is_finite(key)) key_ = key;
    }
  }
  std::size_t size() const { return gradsieve::is_finite(key_) ? 1 : 0; }
  std::size_t capacity() const { return 1; }
  void write_sorted_keys(std::span<loss_key> out) const {
    if (!out.empty()) out[0] = key_;
  }

 private:
  loss_key key_ = gradsieve::key_never;
};

struct no_capacity {
  void push_keys(std::span<const loss_key>) {}
  std::size_t size() const { return 0; }
  void write_sorted_keys(std::span<loss_key>) const {}
};

struct writes_when_mutable : no_capacity {
  std::size_t capacity() const { return 1; }
  void write_sorted_keys(std::span<loss_key>) {}
};

}  // namespace

TEST_CASE("what is a history and what is not") {
  STATIC_REQUIRE(gradsieve::history<gradsieve::loss_window>);
  STATIC_REQUIRE(gradsieve::history<last_loss>);
  STATIC_REQUIRE_FALSE(gradsieve::history<no_capacity>);
  STATIC_REQUIRE_FALSE(gradsieve::history<writes_when_mutable>);
  STATIC_REQUIRE_FALSE(gradsieve::history<std::vector<loss_key>>);
}
