// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Fixed cases whose instructions callgrind counts: repeatable where times are not.
//!
//! Without arguments it names the cases, with `--platform` what the counts depend on, and with a
//! name it runs that case. Only what happens inside `measured` counts.
#include "../support/ledgers.hpp"
#include "../support/losses.hpp"

#include <gradsieve/gradsieve.hpp>

#include <array>
#include <cstdio>
#include <cstring>

namespace {

using work = void (*)(void*);

}  // namespace

//! What callgrind looks for by its name: called where it stands, and not left by a jump.
extern "C" __attribute__((noinline)) void measured(work run, void* context) {
  asm volatile("" : "+r"(run), "+r"(context));
  run(context);
  asm volatile("" ::: "memory");
}

namespace {

template <class Run>
void measure(Run run) {
  measured([](void* context) { (*static_cast<Run*>(context))(); }, &run);
}

//! `batches` picks after the window is full. Returns how many were selected, in all.
std::size_t pick(std::size_t n, int batches) {
  gradsieve::sieve sieve(
      {.policy = gradsieve::power{.beta = 2}, .history = 1024, .max_batch = n, .seed = 1});
  bench::batches pool(n);
  while (sieve.history().size() < 1024) sieve.pick(pool.next());
  std::size_t selected = 0;
  for (int i = 0; i < batches; ++i) {
    const auto batch = pool.next();
    measure([&] { selected += sieve.pick(batch).size(); });
  }
  return selected;
}

std::size_t plan(std::int64_t n) {
  gradsieve::sieve sieve({.examples = n,
                          .policy = gradsieve::power{.beta = 2},
                          .seed = 1,
                          .refresh = gradsieve::max_age{64}});
  bench::fill(sieve.ledger(), 8);
  std::size_t planned = 0;
  measure([&] { planned = sieve.plan(8).size(); });
  return planned;
}

struct fixed_case {
  const char* name;
  std::size_t (*run)();
};

constexpr std::array cases = {
    fixed_case{"pick N=65536 H=1024", [] { return pick(65536, 1); }},
    fixed_case{"pick N=128 H=1024", [] { return pick(128, 64); }},
    fixed_case{"plan N=1000000", [] { return plan(1'000'000); }},
};

//! Another compiler, standard library or instruction set, other counts.
void print_platform() {
#if defined(__clang__)
  std::printf("clang %d.%d", __clang_major__, __clang_minor__);
#else
  std::printf("g++ %d.%d", __GNUC__, __GNUC_MINOR__);
#endif
#if defined(_GLIBCXX_RELEASE)
  std::printf(", libstdc++ %d", _GLIBCXX_RELEASE);
#endif
#if defined(__x86_64__)
  std::printf(", x86-64%s", __builtin_cpu_supports("avx2") ? " with AVX2" : "");
#elif defined(__aarch64__)
  std::printf(", AArch64");
#endif
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--platform") == 0) {
    print_platform();
    return 0;
  }
  for (const fixed_case& one : cases) {
    if (argc < 2) {
      std::puts(one.name);
    } else if (std::strcmp(argv[1], one.name) == 0) {
      return one.run() != 0 ? 0 : 1;
    }
  }
  return argc < 2 ? 0 : 2;
}
