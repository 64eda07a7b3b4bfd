// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Planning an epoch over a ledger: the sieve against a sort, and against one read of the
//! ledger, which says how fast this machine's memory is. Random order against a shuffle.
#include "../support/floors.hpp"
#include "../support/harness.hpp"
#include "../support/ledgers.hpp"
#include "../support/reference.hpp"
#include "../support/rivals.hpp"

#include <gradsieve/gradsieve.hpp>

#include <map>
#include <memory>
#include <numeric>

namespace {

constexpr double beta = 2;
constexpr std::uint32_t first_epoch = 8;

gradsieve::curve policy_of(const std::string& variant) {
  if (variant == "band") return gradsieve::band{.cap = 0.8};
  return gradsieve::power{.beta = beta};
}
double share_of(const std::string& variant) { return variant == "band" ? 0.4 : 1 / (1 + beta); }

//! A sieve that has trained for eight epochs on n examples, kept from one measurement to the next.
struct planned {
  gradsieve::sieve sieve;
  std::uint32_t checksum = 0;
  bool right = false;

  planned(std::size_t n, const gradsieve::curve& policy)
      : sieve({.examples = static_cast<std::int64_t>(n),
               .policy = policy,
               .seed = 1,
               .refresh = gradsieve::max_age{64}}) {
    bench::fill(sieve.ledger(), first_epoch);
    const auto plan = sieve.plan(first_epoch);
    checksum = bench::checksum(plan.train());
    right = n > 1 << 20 || is_reference(plan.train());
  }

  static planned& of(std::size_t n, const std::string& variant) {
    static std::map<std::pair<std::size_t, std::string>, std::unique_ptr<planned>> kept;
    auto& slot = kept[{n, variant}];
    if (!slot) slot = std::make_unique<planned>(n, policy_of(variant));
    return *slot;
  }

 private:
  //! Whether the ids are those that the rule defines, the quantiles being taken from a sort.
  bool is_reference(std::span<const std::int64_t> train) const {
    const auto entries = sieve.ledger().entries();
    std::vector<gradsieve::loss_key> keys;
    for (const auto& entry : entries) keys.push_back(entry.key);
    std::sort(keys.begin(), keys.end());
    const std::size_t h = sieve.compiled().size();
    gradsieve::sorted_window window(h);
    const auto quantiles = window.resize(h);
    for (std::size_t j = 0; j < h; ++j) quantiles[j] = keys[(2 * j + 1) * keys.size() / (2 * h)];
    const auto expected = bench::reference(
        sieve.compiled(), window.view(),
        {.seed = 1, .step = first_epoch, .use = gradsieve::purpose::plan}, entries.size(),
        [&](std::size_t i) { return entries[i].key; }, [](std::size_t i) { return i; });
    return std::equal(train.begin(), train.end(), expected.begin(), expected.end(),
                      [](std::int64_t id, std::uint32_t i) { return id == i; });
  }
};

void check_share(benchmark::State& state, std::size_t selected, std::size_t n, double share) {
  const auto examples = static_cast<double>(n);
  if (!bench::plausible(static_cast<double>(selected) / examples, share, examples, examples)) {
    bench::fail(state, std::to_string(selected) + " of " + std::to_string(n) + " are planned");
  }
}

template <class Executor = gradsieve::serial>
void gradsieve_plan(benchmark::State& state, std::size_t n, const std::string& variant,
                    Executor run = {}) {
  planned& ready = planned::of(n, variant);
  if (!ready.right) return bench::fail(state, "not the ids that the rule defines");
  double offered = 0;
  std::size_t size = 0;
  for (auto _ : state) {
    // Another epoch than the last, or the plan would be there already.
    const bool odd = ready.sieve.epoch() == first_epoch;
    size = ready.sieve.plan(odd ? first_epoch + 1 : first_epoch, run).size();
    offered += static_cast<double>(n);
  }
  bench::per_example(state, offered);
  check_share(state, size, n, share_of(variant));
  bench::publish_checksum(state, ready.checksum);
}

//! Whether a key was listed or counted, in a row of this many keys.
bool lower_has(const gradsieve::detail::lower_counts& lower,
               const gradsieve::detail::digit_set& wanted, std::uint32_t count, std::uint32_t key) {
  const std::uint32_t row = wanted.rank(key >> 10);
  if (count > gradsieve::detail::lower_counts::most_listed) return lower.row(row)[key % 1024] != 0;
  const std::uint32_t* const list = lower.row(row);
  return lower.listed(row) == count && std::find(list, list + count, key) != list + count;
}

//! One pass of a plan alone, to hold against one read of the ledger.
enum class pass { count_upper, count_lower, decide };

void plan_pass(benchmark::State& state, std::size_t n, pass which) {
  namespace detail = gradsieve::detail;
  planned& ready = planned::of(n, "");
  const gradsieve::ledger_view entries = ready.sieve.ledger().entries();
  const auto key_at = [entries](std::uint64_t id) { return entries[id].key; };
  std::vector<gradsieve::loss_key> quantiles(ready.sieve.compiled().size());
  gradsieve::key_quantiles workspace;
  ready.sieve.ledger().quantiles(quantiles, workspace);
  detail::buffer<std::uint32_t> digits;
  for (const gradsieve::loss_key key : quantiles) {
    const std::uint32_t upper = detail::biased(key) >> 10;
    if (digits.empty() || digits.back() != upper) digits.push_back(upper);
  }
  detail::digit_set wanted;
  wanted.assign(digits);

  detail::upper_counts upper;
  upper.clear();
  upper.add(0, n, key_at);
  detail::lower_counts lower;
  detail::plan_worker worker;
  detail::planned_ids chosen;
  detail::example_book book(0, {});
  if (which == pass::decide) book.ledger() = ready.sieve.ledger();
  gradsieve::sorted_window window(quantiles.size());
  std::copy(quantiles.begin(), quantiles.end(), window.resize(quantiles.size()).data());
  const gradsieve::loss_key guard = quantiles.back();
  const gradsieve::staleness refresh = gradsieve::max_age{64};
  const gradsieve::draw_key key{1, first_epoch, gradsieve::purpose::plan};
  const detail::plan_terms<gradsieve::staleness> terms{book, ready.sieve.compiled(), refresh,
                                                       key,  window.view(),          {&guard, 1}};
  if (which == pass::decide) worker.decide(terms, 0, n, chosen);  // its memory is there then
  double read = 0;
  for (auto _ : state) {
    if (which == pass::count_upper) {
      upper.clear();
      upper.add(0, n, key_at);
    } else if (which == pass::count_lower) {
      lower.clear(0);
      for (const std::uint32_t each : digits) {
        const std::uint32_t count = upper.count(each);
        lower.add_row(count <= detail::lower_counts::most_listed, count);
      }
      lower.add(0, n, key_at, wanted);
    } else {
      chosen.clear();
      worker.decide(terms, 0, n, chosen);
    }
    benchmark::ClobberMemory();
    read += static_cast<double>(n);
  }
  bench::per_example(state, read);
  std::span<const std::int64_t> train;
  if (which == pass::decide) train = ready.sieve.plan(first_epoch).train();
  const auto median = detail::biased(quantiles[quantiles.size() / 2]);
  const bool right =
      which == pass::count_upper ? upper.count(median >> 10) != 0
      : which == pass::count_lower
          ? lower_has(lower, wanted, upper.count(median >> 10), median)
          : std::equal(train.begin(), train.end(), chosen.train.begin(), chosen.train.end());
  if (!right) bench::fail(state, "not what the plan is made of");
}

//! Sorts the examples by loss for their percentiles, draws each, and shuffles the chosen.
void sort_and_shuffle(benchmark::State& state, std::size_t n) {
  const auto losses = bench::losses(n);
  std::vector<std::int64_t> order(n), chosen;
  std::mt19937_64 engine(1);
  bench::standard_draws uniform;
  double offered = 0;
  for (auto _ : state) {
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return losses[static_cast<std::size_t>(a)] < losses[static_cast<std::size_t>(b)];
    });
    chosen.clear();
    for (std::size_t rank = 0; rank < n; ++rank) {
      const double percentile = static_cast<double>(rank) / static_cast<double>(n);
      if (uniform() < std::pow(percentile, beta)) chosen.push_back(order[rank]);
    }
    std::shuffle(chosen.begin(), chosen.end(), engine);
    benchmark::DoNotOptimize(chosen.data());
    offered += static_cast<double>(n);
  }
  bench::per_example(state, offered);
  check_share(state, chosen.size(), n, 1 / (1 + beta));
}

//! All batches of a plan in their random order: time for each id.
void batches(benchmark::State& state, std::size_t n) {
  planned& ready = planned::of(n, "");
  const auto plan = ready.sieve.plan(first_epoch);
  double walked = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    sum = 0;
    for (const auto ids : plan.batches(128)) {
      for (const std::int64_t id : ids) sum += static_cast<std::uint64_t>(id);
    }
    benchmark::DoNotOptimize(sum);
    walked += static_cast<double>(plan.size());
  }
  bench::per_example(state, walked);
  const auto train = plan.train();
  if (sum != std::accumulate(train.begin(), train.end(), std::uint64_t{0},
                             [](std::uint64_t a, std::int64_t id) {
                               return a + static_cast<std::uint64_t>(id);
                             })) {
    bench::fail(state, "the batches do not hold the plan's ids, each once");
  }
}

//! The same by a shuffle, of a copy: the plan's own ids stay in order for whoever looks one up.
//! Takes 8 bytes an id more than the plan does, and is over before the first batch.
void copy_and_shuffle(benchmark::State& state, std::size_t n) {
  planned& ready = planned::of(n, "");
  const auto train = ready.sieve.plan(first_epoch).train();
  std::vector<std::int64_t> ids(train.size());
  std::mt19937_64 engine(1);
  double walked = 0;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    ids.assign(train.begin(), train.end());
    std::shuffle(ids.begin(), ids.end(), engine);
    sum = 0;
    for (const std::int64_t id : ids) sum += static_cast<std::uint64_t>(id);
    benchmark::DoNotOptimize(sum);
    walked += static_cast<double>(ids.size());
  }
  bench::per_example(state, walked);
  // Sums, since a sort of so many takes longer than all that is measured.
  const auto squares = [](std::span<const std::int64_t> of) {
    std::uint64_t total = 0;
    for (const std::int64_t id : of) total += static_cast<std::uint64_t>(id * id);
    return total;
  };
  const auto plain = std::accumulate(train.begin(), train.end(), std::int64_t{0});
  if (sum != static_cast<std::uint64_t>(plain) || squares(ids) != squares(train)) {
    bench::fail(state, "ids were lost");
  }
}

const bench::suite plan([](const bench::request& asked) {
  // 24 bytes: the entry, and what a plan keeps of those it selects.
  for (const std::size_t n :
       bench::sizes(asked, {60'000, 1'000'000, 10'000'000, 100'000'000}, 24)) {
    bench::add("plan", "gradsieve", {{"N", n}},
               [n](benchmark::State& s) { gradsieve_plan(s, n, ""); });
    bench::add("plan", "read_once", {{"N", n}},
               [n](benchmark::State& s) { bench::read_once(s, n); });
    bench::add("plan_batches", "gradsieve", {{"N", n}},
               [n](benchmark::State& s) { batches(s, n); });
    bench::add("plan_batches", "copy_and_shuffle", {{"N", n}},
               [n](benchmark::State& s) { copy_and_shuffle(s, n); });
    if (n >= 10'000'000) {  // smaller ones are not cut into parts
      const std::size_t threads = 2;
      bench::add(
          "plan", "gradsieve", {{"N", n}},
          [n](benchmark::State& s) { gradsieve_plan(s, n, "", bench::threads_of_a_call{threads}); },
          "2_threads")
          ->UseRealTime();
      bench::add(
          "plan", "read_once", {{"N", n}},
          [n](benchmark::State& s) { bench::read_once_by(s, n, threads); }, "2_threads")
          ->UseRealTime();
    }
    const auto add_pass = [n](const char* name, pass which) {
      bench::add(
          "plan_pass", "gradsieve", {{"N", n}},
          [n, which](benchmark::State& s) { plan_pass(s, n, which); }, name);
      bench::add(
          "plan_pass", "read_once", {{"N", n}},
          [n](benchmark::State& s) { bench::read_once(s, n); }, name);
    };
    add_pass("count_upper", pass::count_upper);
    add_pass("count_lower", pass::count_lower);
    add_pass("decide", pass::decide);
    if (n > 10'000'000) continue;
    auto* sorted = bench::add("plan", "sort_and_shuffle", {{"N", n}},
                              [n](benchmark::State& s) { sort_and_shuffle(s, n); });
    if (n >= 10'000'000) sorted->Repetitions(5);  // seconds each
    if (n > 1'000'000) continue;
    bench::add(
        "plan", "gradsieve", {{"N", n}}, [n](benchmark::State& s) { gradsieve_plan(s, n, "band"); },
        "band");
  }
});

}  // namespace
