// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The history of constant memory: what it holds, how far it is off, and a sieve that has it.
#include <gradsieve/boost.hpp>
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "support/losses.hpp"
#include "support/rank_error.hpp"
#include "support/special_values.hpp"

namespace gs = gradsieve;
using gs::statistics::p_square_history;
using support::to_vector;

namespace {

using floats = std::vector<float>;
using keys = std::vector<gs::loss_key>;
using sketched_sieve = gs::basic_sieve<p_square_history>;

keys keys_of(const floats& losses) {
  keys result;
  for (const float loss : losses) result.push_back(gs::to_key(loss));
  return result;
}

floats markers_of(const p_square_history& history) {
  keys sorted(history.size());
  history.write_sorted_keys(sorted);
  floats markers;
  for (const gs::loss_key key : sorted) markers.push_back(gs::to_loss(key));
  return markers;
}

template <class Part>
std::vector<std::byte> bytes_of(const Part& part) {
  gs::byte_writer out;
  part.write(out);
  return {out.view().begin(), out.view().end()};
}

void read(p_square_history& history, const std::vector<std::byte>& bytes) {
  gs::byte_reader in(bytes);
  history.read(in);
}

}  // namespace

TEST_CASE("p_square_history: empty until it holds the losses that it starts from, then full") {
  p_square_history history(100, 4);
  CHECK(history.capacity() == 4);
  CHECK(history.span() == 100);
  for (int i = 0; i < 10; ++i) {
    CHECK(history.size() == 0);
    history.write_sorted_keys({});
    history.push_keys(keys_of({static_cast<float>(10 - i)}));
  }
  CHECK(history.size() == 0);
  history.push_keys(keys_of({0.0f}));  // 0 … 10: each marker is a loss
  CHECK(history.size() == 4);
  CHECK(markers_of(history) == floats{2, 4, 6, 8});
}

TEST_CASE("p_square_history: its markers are the middles of equal shares") {
  p_square_history history(10000, 4);
  history.push_keys(keys_of(support::random_losses(9999)));
  const floats markers = markers_of(history);
  for (std::size_t j = 0; j < 4; ++j) {
    const float middle = (2 * static_cast<float>(j) + 1) / 8;
    CHECK(std::abs(markers[j] - middle) < 0.02f);
  }
}

TEST_CASE("p_square_history: of equal losses every marker is that loss") {
  p_square_history history(50, 8);
  history.push_keys(keys_of(floats(500, -0.25f)));
  CHECK(markers_of(history) == floats(8, -0.25f));
}

TEST_CASE("p_square_history: the smallest one") {
  p_square_history history(5, 1);
  for (int i = 0; i < 100; ++i) history.push_keys(keys_of({static_cast<float>(i)}));
  CHECK(history.size() == 1);
  CHECK(markers_of(history)[0] >= 90.0f);
}

TEST_CASE("p_square_history: what is not finite never enters and is counted") {
  p_square_history history(64, 4), plain(64, 4);
  for (std::uint32_t step = 0; step < 8; ++step) {
    const keys batch = keys_of(support::random_losses(32, step));
    plain.push_keys(batch);
    keys dirty = {gs::to_key(support::nan_f()), gs::key_never, gs::key_always};
    dirty.insert(dirty.end(), batch.begin(), batch.end());
    dirty.push_back(gs::to_key(support::infinity_f()));
    dirty.push_back(gs::to_key(support::negative_infinity_f()));
    history.push_keys(dirty);
  }
  CHECK(history.rejected() == 8 * 5);
  CHECK(plain.rejected() == 0);
  CHECK(markers_of(history) == markers_of(plain));
}

TEST_CASE("p_square_history: markers ascend and are finite, whatever finite losses come") {
  // The largest floats, subnormals, ties and both zeros, in an order that a marker cannot follow.
  const float extreme[] = {3.4028235e38f, -3.4028235e38f, 0.0f, -0.0f, 1e-45f, -1e-45f, 1, 1, -1};
  support::random_source random(5);
  p_square_history history(40, 16);
  for (int step = 0; step < 2000; ++step) {
    history.push_keys(keys_of({extreme[random.below(9)]}));
    keys sorted(history.size());
    history.write_sorted_keys(sorted);
    if (!std::is_sorted(sorted.begin(), sorted.end()) ||
        !std::all_of(sorted.begin(), sorted.end(), &gs::is_finite)) {
      FAIL("after loss " << step);
    }
  }
}

TEST_CASE("p_square_history: losses from before the last two spans are forgotten") {
  p_square_history history(200, 16);
  history.push_keys(keys_of(floats(1000, 100.0f)));
  history.push_keys(keys_of(support::random_losses(399)));
  CHECK(markers_of(history).back() <= 1.0f);
  p_square_history never(std::size_t{1} << 40, 16);
  never.push_keys(keys_of(floats(1000, 100.0f)));
  never.push_keys(keys_of(support::random_losses(399)));
  CHECK(markers_of(never).back() == 100.0f);
}

TEST_CASE("p_square_history: a span that is no multiple of the batches makes no difference") {
  p_square_history one_by_one(77, 8), at_once(77, 8);
  const keys losses = keys_of(support::random_losses(1000));
  at_once.push_keys(losses);
  for (const gs::loss_key key : losses) one_by_one.push_keys(std::span(&key, 1));
  CHECK(bytes_of(one_by_one) == bytes_of(at_once));
}

TEST_CASE("p_square_history: bad sizes are refused, naming both") {
  CHECK_THROWS_AS(p_square_history(100, 0), gs::invalid_argument);
  CHECK_THROWS_WITH(p_square_history(100, 0), contains("markers is 0") && contains("[1, 4096]"));
  CHECK_THROWS_AS(p_square_history(1 << 20, 4097), gs::invalid_argument);
  CHECK_THROWS_WITH(p_square_history(130, 64), contains("span is 130") && contains("131"));
  CHECK_THROWS_AS(p_square_history(0), gs::invalid_argument);
  CHECK_NOTHROW(p_square_history(131, 64));
}

// The numbers of the header, with some air; p_square_bench prints them. Fixed inputs, so there is
// no alpha, and only the last digits depend on the compiler.
TEST_CASE("p_square_history: rank error against the exact window") {
  const auto check = [](const support::loss_stream& stream, double mean, double largest) {
    const auto error =
        support::rank_error_against_window(p_square_history(1024), stream, 1024, 2000);
    INFO(stream.name << ": mean " << error.mean << ", largest " << error.largest);
    CHECK(error.mean < mean);
    CHECK(error.largest < largest);
  };
  for (const auto& stream : support::stationary_losses) check(stream, 0.008, 0.055);
  for (const auto& stream : support::falling_losses) check(stream, 0.008, 0.055);
  for (const auto& stream : support::tied_losses) check(stream, 0.037, 0.09);
  for (const auto& stream : support::dropping_losses) check(stream, 0.008, 0.26);
}

TEST_CASE("p_square_history: a span longer than the run never forgets, which falling losses show") {
  for (const auto& stream : support::falling_losses) {
    const auto error = support::rank_error_against_window(p_square_history(std::size_t{1} << 40),
                                                          stream, 1024, 2000);
    CHECK(error.mean > 0.1);
  }
}

TEST_CASE("p_square_history: a sieve selects the policy's share, like the exact one") {
  const gs::sieve_options options{.policy = gs::power{2.0}, .history = 1024, .seed = 3};
  sketched_sieve sketched(options);
  gs::sieve exact(options);
  for (std::uint32_t step = 0; step < 500; ++step) {
    const floats losses = support::random_losses(64, step);
    sketched.pick(losses);
    exact.pick(losses);
  }
  CHECK(sketched.compiled().size() == 64);
  CHECK(sketched.keep_rate() == Approx(1.0 / 3).margin(0.015));
  CHECK(sketched.keep_rate() == Approx(exact.keep_rate()).margin(0.015));
}

TEST_CASE("p_square_history: a sieve plans with it and selects everything until it is full") {
  sketched_sieve sieve({.examples = 500,
                        .policy = gs::power{1.0},
                        .history = 131,
                        .seed = 1,
                        .refresh = gs::max_age{2}});
  CHECK(sieve.pick(support::random_losses(130)).size() == 130);
  CHECK(sieve.pick(support::random_losses(130, 1)).size() < 130);
  sieve.observe(support::ids_from(0, 500), support::random_losses(500, 2));
  const gs::plan_view plan = sieve.plan(1);
  CHECK(plan.selective());
  CHECK(plan.size() < 500);
}

TEST_CASE("p_square_history: split anywhere and resumed equals unsplit, bit for bit") {
  const gs::sieve_options options{.policy = gs::power{1.0}, .history = 70, .seed = 9};
  const auto fresh = [&] { return sketched_sieve(options, p_square_history(70, 8)); };
  const auto losses = [](std::uint32_t step) { return support::random_losses(13, step); };
  constexpr std::uint32_t steps = 20;  // the markers start in the second, spans end in 6, 11, 17
  for (std::uint32_t split = 0; split <= steps; ++split) {
    sketched_sieve whole = fresh(), first = fresh();
    for (std::uint32_t step = 0; step < split; ++step) {
      whole.pick(losses(step));
      first.pick(losses(step));
    }
    sketched_sieve second = fresh();
    second.load(first.save());
    for (std::uint32_t step = split; step < steps; ++step) {
      CHECK(to_vector(second.pick(losses(step)).positions()) ==
            to_vector(whole.pick(losses(step)).positions()));
    }
    CHECK(second.save() == whole.save());
  }
}

TEST_CASE("p_square_history: foreign states are refused and change nothing") {
  p_square_history history(64, 4);
  history.push_keys(keys_of(support::random_losses(100)));
  const auto before = bytes_of(history);

  CHECK_THROWS_WITH(read(history, bytes_of(p_square_history(65, 4))),
                    contains("65") && contains("64"));
  CHECK_THROWS_WITH(read(history, bytes_of(p_square_history(64, 5))),
                    contains("5") && contains("4"));
  for (std::size_t length = 0; length < before.size(); ++length) {
    CHECK_THROWS_AS(
        read(history, {before.begin(), before.begin() + static_cast<std::ptrdiff_t>(length)}),
        gs::state_error);
  }
  CHECK(bytes_of(history) == before);

  // Whatever number is put in the place of one: refused, or a history that still works.
  const std::uint64_t numbers[] = {0,
                                   1,
                                   0x7ff0000000000000u,
                                   0xfff8000000000000u,
                                   0xffffffffffffffffu,
                                   0x3ff0000000000000u,
                                   0xc3e0000000000000u};
  for (std::size_t at = 0; at < before.size(); at += 8) {
    for (const std::uint64_t number : numbers) {
      auto changed = before;
      for (std::size_t i = 0; i < 8; ++i) {
        changed[at + i] = static_cast<std::byte>(number >> (8 * i));
      }
      p_square_history copy = history;
      try {
        read(copy, changed);
      } catch (const gs::state_error&) {
        CHECK(bytes_of(copy) == before);
        continue;
      }
      copy.push_keys(keys_of(support::random_losses(200, 1)));
      keys sorted(copy.size());
      copy.write_sorted_keys(sorted);
      CHECK(std::is_sorted(sorted.begin(), sorted.end()));
      CHECK(std::all_of(sorted.begin(), sorted.end(), &gs::is_finite));
    }
  }
}
