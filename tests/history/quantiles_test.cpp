// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catch.hpp"

#include <gradsieve/history/quantiles.hpp>

#include <vector>

#include "support/executors.hpp"
#include "support/random_source.hpp"
#include "support/windows.hpp"

using gradsieve::is_finite;
using gradsieve::key_above;
using gradsieve::key_always;
using gradsieve::key_below;
using gradsieve::key_never;
using gradsieve::key_quantiles;
using gradsieve::loss_key;

namespace {

std::vector<loss_key> sorted_quantiles(const std::vector<loss_key>& keys, std::size_t wanted) {
  std::vector<loss_key> finite;
  for (const loss_key key : keys) {
    if (is_finite(key)) finite.push_back(key);
  }
  std::sort(finite.begin(), finite.end());
  std::vector<loss_key> result(wanted);
  for (std::size_t j = 0; j < wanted; ++j) {
    result[j] = finite[(2 * j + 1) * finite.size() / (2 * wanted)];
  }
  return result;
}

std::vector<loss_key> quantiles(key_quantiles& workspace, const std::vector<loss_key>& keys,
                                std::size_t wanted) {
  std::vector<loss_key> result(wanted, 123);
  workspace(
      keys.size(), [&](std::uint64_t i) { return keys[i]; }, result);
  return result;
}

bool agree(key_quantiles& workspace, const std::vector<loss_key>& keys, std::size_t wanted) {
  return quantiles(workspace, keys, wanted) == sorted_quantiles(keys, wanted);
}

//! Any finite key, over the whole range: widely spread.
loss_key any_key(support::random_source& random) {
  for (;;) {
    const auto key = static_cast<loss_key>(static_cast<std::uint32_t>(random()));
    if (is_finite(key)) return key;
  }
}

}  // namespace

TEST_CASE("quantiles of one to three keys") {
  key_quantiles workspace;
  CHECK(quantiles(workspace, {7}, 1) == std::vector<loss_key>{7});
  CHECK(quantiles(workspace, {7}, 3) == std::vector<loss_key>{7, 7, 7});
  CHECK(quantiles(workspace, {9, -5}, 1) == std::vector<loss_key>{9});
  CHECK(quantiles(workspace, {9, -5}, 2) == std::vector<loss_key>{-5, 9});
  CHECK(quantiles(workspace, {3, 1, 2}, 3) == std::vector<loss_key>{1, 2, 3});
  CHECK(quantiles(workspace, {3, 1, 2}, 1) == std::vector<loss_key>{2});
}

TEST_CASE("quantiles at the ends of the range of finite keys and around zero") {
  key_quantiles workspace;
  const std::vector<loss_key> keys{key_above - 1, key_below + 1, 0, -1, 1};
  CHECK(quantiles(workspace, keys, 5) ==
        std::vector<loss_key>{key_below + 1, -1, 0, 1, key_above - 1});
}

TEST_CASE("quantiles are those of a sort, for many sizes, one workspace for all") {
  support::random_source random(12);
  key_quantiles workspace;
  std::size_t wrong = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<loss_key> keys(1 + random.below(3000));
    const std::uint64_t kind = random.below(4);
    for (loss_key& key : keys) {
      const float loss = random.unit();
      key = kind == 0   ? any_key(random)
            : kind == 1 ? gradsieve::to_key(loss * 3 - 1)
            : kind == 2 ? gradsieve::to_key(static_cast<float>(random.below(5)))  // heavy ties
                        : gradsieve::to_key(loss * loss * loss * loss * 1e-3f);
    }
    // Fewer keys than quantiles are wanted are among these.
    const std::size_t wanted = 1 + random.below(round % 3 == 0 ? 5000 : 300);
    wrong += std::size_t{!agree(workspace, keys, wanted)};
    wrong += std::size_t{!agree(workspace, keys, 1)};
    wrong += std::size_t{!agree(workspace, keys, keys.size())};
  }
  CHECK(wrong == 0);
}

TEST_CASE("quantiles of equal losses are that loss") {
  key_quantiles workspace;
  const std::vector<loss_key> keys(5000, gradsieve::to_key(0.693f));
  CHECK(quantiles(workspace, keys, 1024) == std::vector<loss_key>(1024, gradsieve::to_key(0.693f)));
}

TEST_CASE("what is not finite has no part in quantiles") {
  support::random_source random(13);
  key_quantiles workspace;
  std::vector<loss_key> keys(4000);
  std::uint64_t finite = 0;
  for (loss_key& key : keys) {
    const loss_key others[] = {key_never, key_always, key_below, key_above, key_above + 77};
    key = random.below(3) == 0 ? others[random.below(5)] : any_key(random);
    finite += std::uint64_t{is_finite(key)};
  }
  std::vector<loss_key> out(64);
  CHECK(workspace(
            keys.size(), [&](std::uint64_t i) { return keys[i]; }, out) == finite);
  CHECK(out == sorted_quantiles(keys, 64));
}

TEST_CASE("without a finite key, or with none wanted, nothing is written") {
  key_quantiles workspace;
  CHECK(quantiles(workspace, {}, 3) == std::vector<loss_key>{123, 123, 123});
  CHECK(quantiles(workspace, {key_never, key_above}, 2) == std::vector<loss_key>{123, 123});
  std::vector<loss_key> keys{4, 5};
  std::vector<loss_key> none;
  CHECK(workspace(
            2, [&](std::uint64_t i) { return keys[i]; }, none) == 2);
}

TEST_CASE("twenty thousand quantiles of widely spread keys take several last passes") {
  support::random_source random(14);
  key_quantiles workspace;
  std::vector<loss_key> keys(120'000);
  for (loss_key& key : keys) key = any_key(random);
  CHECK(agree(workspace, keys, 20'000));
  // The passes are visible from outside: more than two looks at each key.
  std::uint64_t looks = 0;
  std::vector<loss_key> out(20'000);
  workspace(
      keys.size(),
      [&](std::uint64_t i) {
        ++looks;
        return keys[i];
      },
      out);
  CHECK(looks > 2 * keys.size());
  CHECK(out == sorted_quantiles(keys, 20'000));
}

TEST_CASE("a thousand quantiles of a training's losses take two passes") {
  support::random_source random(15);
  key_quantiles workspace;
  std::vector<loss_key> keys(60'000);
  for (loss_key& key : keys) {
    const float loss = random.unit();
    key = gradsieve::to_key(loss * loss * 4);
  }
  std::uint64_t looks = 0;
  std::vector<loss_key> out(1024);
  workspace(
      keys.size(),
      [&](std::uint64_t i) {
        ++looks;
        return keys[i];
      },
      out);
  CHECK(looks == 2 * keys.size());
  CHECK(out == sorted_quantiles(keys, 1024));
}

TEST_CASE("quantiles are the same in any number of parts, worked on in any order") {
  support::random_source random(16);
  key_quantiles workspace;
  for (const int kind : {0, 1, 2}) {
    // Spread over all exponents; as of a training; so few values that counts are tables, not lists.
    std::vector<loss_key> keys(50'021);
    for (loss_key& key : keys) {
      key = kind == 0   ? any_key(random)
            : kind == 1 ? gradsieve::to_key(random.unit() * random.unit())
                        : gradsieve::to_key(1 + random.unit() / 1024);
      if (random.below(50) == 0) key = key_never;
    }
    for (const std::size_t wanted : {std::size_t{1}, std::size_t{100}, std::size_t{6000}}) {
      const std::vector<loss_key> expected = sorted_quantiles(keys, wanted);
      std::uint64_t finite = 0;
      for (const loss_key key : keys) finite += std::uint64_t{is_finite(key)};
      for (const std::size_t count : {1u, 2u, 3u, 7u, 16u}) {
        for (support::order how : support::orders) {
          auto run = support::in_order(how);
          const gradsieve::detail::parts parts(keys.size(), gradsieve::detail::executor_ref(run),
                                               keys.size() / count);
          std::vector<loss_key> out(wanted);
          CHECK(workspace(
                    parts, [&](std::uint64_t i) { return keys[i]; }, out) == finite);
          CHECK(out == expected);
        }
      }
    }
  }
}

TEST_CASE("quantiles by threads are those of one", "[threads]") {
  support::random_source random(17);
  key_quantiles workspace;
  std::vector<loss_key> keys(40'000);
  for (loss_key& key : keys) key = gradsieve::to_key(random.unit());
  for (const std::size_t threads : {1u, 2u, 3u, 7u, 16u}) {
    auto run = support::on_threads(threads);
    std::vector<loss_key> out(500);
    workspace(
        gradsieve::detail::parts(keys.size(), gradsieve::detail::executor_ref(run), 2500),
        [&](std::uint64_t i) { return keys[i]; }, out);
    CHECK(out == sorted_quantiles(keys, 500));
  }
}

// More than 2^32 keys, made up as they are asked for: the i-th is i / 2^20.
TEST_CASE("quantiles of 2^32 + 1 keys", "[exhaustive]") {
  key_quantiles workspace;
  const std::uint64_t count = (std::uint64_t{1} << 32) + 1;
  std::vector<loss_key> out(7);
  CHECK(workspace(
            count, [](std::uint64_t i) { return static_cast<loss_key>(i >> 20); }, out) == count);
  std::vector<loss_key> expected;
  for (std::uint64_t j = 0; j < 7; ++j) {
    expected.push_back(static_cast<loss_key>(((2 * j + 1) * count / 14) >> 20));
  }
  CHECK(out == expected);
}
