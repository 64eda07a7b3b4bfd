// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Each wide loop on the processor's widest vectors ("gradsieve": what the library runs),
//! against itself on narrower ones and against the scalar code that it stands for. All of them must
//! write the same.
#include "../support/harness.hpp"
#include "../support/losses.hpp"

#include <gradsieve/history/loss_ledger.hpp>
#include <gradsieve/policy/band.hpp>
#include <gradsieve/rule/rule.hpp>
#include <gradsieve/wide/path.hpp>

namespace {

namespace detail = gradsieve::detail;
using detail::wide_kernels;
using gradsieve::loss_key;

constexpr std::size_t n = 65536, h = 1024;  // more than a branch predictor learns by heart
constexpr gradsieve::draw_key drawn{.seed = 1, .step = 2};
constexpr std::uint32_t epoch = 70, least_age = 60;

gradsieve::rule rule_of(const gradsieve::curve& policy) { return gradsieve::compile(policy, h); }

//! What loops read, and where they write.
struct given {
  std::span<const float> losses = bench::losses(n);
  std::vector<std::int64_t> ids = bench::scattered_ids(n, 1'000'000'000);
  gradsieve::bijection order{100'000'000, drawn};
  std::vector<gradsieve::ledger_entry> entries = std::vector<gradsieve::ledger_entry>(n);
  gradsieve::sorted_window window{h};
  gradsieve::rule rising = rule_of(gradsieve::power{.beta = 2}),
                  band = rule_of(gradsieve::band{.cap = 0.8}),
                  any = rule_of([](double p) { return p * 16 - std::floor(p * 16); });
  std::vector<loss_key> keys;
  std::vector<std::uint32_t> words;

  std::vector<loss_key> keys_out = std::vector<loss_key>(n);
  std::vector<std::uint32_t> out = std::vector<std::uint32_t>(n);
  std::vector<std::int64_t> places = std::vector<std::int64_t>(n);
  std::size_t count = 0;

  given() {
    for (std::size_t i = 0; i < n; ++i) {
      keys.push_back(gradsieve::to_key(losses[i]));
      words.push_back(gradsieve::draw(drawn, i));
      entries[i] = {bench::word_at(i) % 64 == 0 ? gradsieve::key_never : keys[i],
                    static_cast<std::uint32_t>(bench::word_at(i) % epoch)};
    }
    std::vector<loss_key> sorted(keys.begin(), keys.begin() + h);
    std::sort(sorted.begin(), sorted.end());
    const auto slots = window.resize(h);
    std::copy(sorted.begin(), sorted.end(), slots.data());
  }

  //! A fingerprint of all that was written.
  std::uint32_t written() const {
    const std::uint32_t sums[] = {
        bench::checksum(std::span(keys_out)), bench::checksum(std::span(out).first(count)),
        bench::checksum(std::span(places)), static_cast<std::uint32_t>(count)};
    return bench::checksum(std::span(sums));
  }

  detail::drawn_keys chunk(std::size_t first) const {
    return {keys.data() + first, words.data() + first, wide_kernels::most,
            static_cast<std::uint32_t>(first)};
  }
  //! Selects chunk by chunk, as whoever calls these loops does.
  template <class Select>
  void select(Select chosen_of) {
    count = 0;
    for (std::size_t first = 0; first < n; first += wide_kernels::most) {
      count += chosen_of(chunk(first), out.data() + count);
    }
  }
};

//! The definition, one example at a time.
template <class Rule>
void select_one_by_one(given& g, const Rule& rule) {
  g.select([&](const detail::drawn_keys& of, std::uint32_t* to) {
    std::size_t selected = 0;
    for (std::uint32_t i = 0; i < of.size; ++i) {
      to[selected] = of.first + i;
      selected += std::size_t{rule(g.window.view(), of.keys[i], of.words[i])};
    }
    return selected;
  });
}

struct loop {
  const char* name;
  void (*wide)(const wide_kernels&, given&);
  void (*scalar)(given&);
};

constexpr loop loops[] = {
    {"to_keys",
     [](const wide_kernels& path, given& g) {
       g.count = path.to_keys(g.losses.data(), n, gradsieve::key_never, g.keys_out.data());
     },
     [](given& g) {
       g.count = 0;
       for (std::size_t i = 0; i < n; ++i) {
         const loss_key key = gradsieve::to_key(g.losses[i]);
         const bool finite = gradsieve::is_finite(key);
         g.keys_out[i] = finite ? key : gradsieve::key_never;
         g.count += std::size_t{finite};
       }
     }},
    {"rank_entries",
     [](const wide_kernels& path, given& g) {
       g.count = path.rank_entries(g.entries.data(), n, epoch, least_age, g.keys_out.data(),
                                   g.out.data());
     },
     [](given& g) {
       g.count = 0;
       for (std::uint32_t i = 0; i < n; ++i) {
         const gradsieve::ledger_entry& entry = g.entries[i];
         g.keys_out[i] = entry.has_loss()  ? entry.key
                         : entry.retired() ? gradsieve::key_never
                                           : gradsieve::key_always;
         g.out[g.count] = i;
         g.count += std::size_t{entry.age(epoch) >= least_age};
       }
     }},
    {"count_finite",
     [](const wide_kernels& path, given& g) { g.count = path.count_finite(g.keys.data(), n); },
     [](given& g) { g.count = detail::count_finite(nullptr, g.keys.data(), n); }},
    {"draw",
     [](const wide_kernels& path, given& g) { path.draw(drawn, 0, g.count = n, g.out.data()); },
     [](given& g) {
       g.count = n;
       for (std::size_t i = 0; i < n; i += 4) {
         const gradsieve::philox_block four = gradsieve::draw_four(drawn, i / 4);
         for (std::size_t lane = 0; lane < 4; ++lane) g.out[i + lane] = four.word[lane];
       }
     }},
    {"draw_ids",
     [](const wide_kernels& path, given& g) {
       path.draw_ids(drawn, g.ids.data(), g.count = n, g.out.data());
     },
     [](given& g) {
       g.count = n;
       for (std::size_t i = 0; i < n; ++i) {
         g.out[i] = gradsieve::draw(drawn, static_cast<std::uint64_t>(g.ids[i]));
       }
     }},
    {"encrypt",
     [](const wide_kernels& path, given& g) {
       path.encrypt(g.order.table(), 0, n, g.places.data());
     },
     [](given& g) {
       for (std::size_t i = 0; i < n; ++i) {
         g.places[i] = static_cast<std::int64_t>(g.order.table().encrypt(i));
       }
     }},
    {"ranks",
     [](const wide_kernels& path, given& g) {
       path.ranks(g.window.view(), g.keys.data(), g.count = n, g.out.data());
     },
     [](given& g) {
       detail::ranks(nullptr, g.window.view(), g.keys.data(), g.count = n, g.out.data());
     }},
    {"monotone",
     [](const wide_kernels& path, given& g) {
       g.select([&](const detail::drawn_keys& of, std::uint32_t* to) {
         return path.monotone(g.rising.view().monotone, g.window.view(), of, to);
       });
     },
     [](given& g) { select_one_by_one(g, g.rising.view().monotone); }},
    {"interval",
     [](const wide_kernels& path, given& g) {
       g.select([&](const detail::drawn_keys& of, std::uint32_t* to) {
         return path.interval(g.band.view().interval, g.window.view(), of, to);
       });
     },
     [](given& g) { select_one_by_one(g, g.band.view().interval); }},
    {"general",
     [](const wide_kernels& path, given& g) {
       g.select([&](const detail::drawn_keys& of, std::uint32_t* to) {
         return path.general({g.any.view().masses}, g.window.view(), of, to);
       });
     },
     [](given& g) { select_one_by_one(g, gradsieve::general_rule{g.any.view().masses}); }},
};

void run(benchmark::State& state, const loop& each, const wide_kernels* path) {
  given data;
  given expected;
  each.scalar(expected);
  double done = 0;
  for (auto _ : state) {
    if (path != nullptr) {
      each.wide(*path, data);
    } else {
      each.scalar(data);
    }
    benchmark::ClobberMemory();
    done += static_cast<double>(n);
  }
  bench::per_example(state, done);
  const std::uint32_t sum = data.written();
  if (sum != expected.written()) return bench::fail(state, "not what the scalar code writes");
  bench::publish_checksum(state, sum);
}

const bench::suite all([](const bench::request&) {
  const wide_kernels* const widest = detail::wide_path();
  for (const loop& each : loops) {
    const auto add = [&each](const char* who, const wide_kernels* path) {
      bench::add(
          "wide_loop", who, {{"N", n}}, [&each, path](benchmark::State& s) { run(s, each, path); },
          each.name);
    };
    if (widest != nullptr) add("gradsieve", widest);
#if GRADSIEVE_WIDE >= 256
    if (widest != nullptr && widest != &detail::avx2::kernels) add("avx2", &detail::avx2::kernels);
#endif
    add(widest != nullptr ? "scalar" : "gradsieve", nullptr);
  }
});

}  // namespace
