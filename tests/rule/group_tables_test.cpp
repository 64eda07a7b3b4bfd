// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file One table for each group.
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/frames.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;

namespace {

const std::vector<gs::curve> two = {gs::power{1.0}, gs::uniform{0.5}};

gs::loss_window ramp_window() {
  gs::loss_window window(8);
  window.push(support::ramp(8));
  return window;
}

}  // namespace

TEST_CASE("a key's mass comes from its group's table") {
  const gs::rule rule(gs::power{3.0}, 8, gs::ties::strict, two);
  const gs::loss_window window = ramp_window();
  const gs::loss_key key = gs::to_key(3.0f);  // rank 2
  CHECK(rule.view().mass_of(window.view(), key, 0) == gs::full_mass / 4);
  CHECK(rule.view().mass_of(window.view(), key, 1) == gs::full_mass / 2);
  CHECK(rule.view().mass_of(window.view(), gs::key_always, 1) == gs::full_mass);
  CHECK(rule.view().mass_of(window.view(), gs::key_never, 1) == 0);
  CHECK(rule.groups().count() == 2);
  CHECK(rule.least_mass() == 0);
  CHECK(gs::rule(gs::power{3.0}, 8).groups().count() == 0);
}

TEST_CASE("ties are averaged within a group's own table") {
  const gs::rule rule(gs::power{3.0}, 4, gs::ties::averaged, two);
  gs::loss_window window(4);
  window.push({1.0f, 2.0f, 2.0f, 3.0f});
  const gs::loss_key key = gs::to_key(2.0f);  // ranks 1 and 2: (1/4 + 2/4) / 2
  CHECK(rule.view().mass_of(window.view(), key, 0) == gs::full_mass / 8 * 3);
  CHECK(rule.view().mass_of(window.view(), key, 1) == gs::full_mass / 2);
}

TEST_CASE("the losses that a policy spares are those of each group's own") {
  const std::vector<gs::curve> policies = {gs::power{1.0}, gs::band{0.5, 1.0, 0.0}};
  const gs::rule rule(gs::power{3.0}, 8, gs::ties::strict, policies);
  CHECK(rule.guarded_rank(0) == 9);
  CHECK(rule.guarded_rank(1) == 5);
  CHECK(gs::rule(gs::band{0.5, 1.0, 0.0}, 8).guarded_rank() == 5);
}

TEST_CASE("a group's policy that fails leaves the rule as it was") {
  gs::rule rule(gs::power{3.0}, 8, gs::ties::strict, two);
  const std::vector<gs::curve> bad = {gs::power{1.0}, gs::uniform{2.0}};
  CHECK_THROWS_AS(rule.compile(gs::power{1.0}, 8, bad), gs::policy_error);
  CHECK(rule.groups().count() == 2);
  CHECK(rule.groups().masses(1)[0] == gs::full_mass / 2);
  CHECK(rule.masses()[4] == gs::full_mass / 8);
}

TEST_CASE("the tables of groups are saved and loaded") {
  const gs::rule saved(gs::power{3.0}, 8, gs::ties::averaged, two);
  gs::rule loaded(gs::uniform{1.0}, 8, gs::ties::averaged);
  loaded.load(saved.save());
  CHECK(loaded.save() == saved.save());
  const auto first_table = [](const gs::rule& of) {
    const std::span<const std::uint64_t> masses = of.groups().masses(0);
    return support::to_vector(masses);
  };
  CHECK(first_table(loaded) == first_table(saved));
  CHECK(loaded.least_mass() == saved.least_mass());
}

TEST_CASE("tables of groups that do not fit the rule are refused") {
  const auto with_groups = [](const std::vector<std::uint64_t>& groups) {
    return support::frame(gs::state_kind::rule, [=](gs::byte_writer& payload) {
      payload.put(gs::ties::strict);
      payload.put(std::span<const std::uint64_t>(std::vector<std::uint64_t>{0, 1, 2}));
      payload.put(std::span<const std::uint64_t>(groups));
    });
  };
  gs::rule rule(gs::power{3.0}, 2);
  const auto before = rule.save();
  CHECK_THROWS_AS(rule.load(with_groups({1, 2})), gs::state_error);
  CHECK_THROWS_AS(rule.load(with_groups({1, 2, gs::full_mass + 1})), gs::state_error);
  CHECK(rule.save() == before);
  rule.load(with_groups({1, 2, gs::full_mass}));
  CHECK(rule.groups().count() == 1);
}
