// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The checks of a fuzzer without one. `replay_<part>` runs the seeds and small changes of
//! each, the same ones every time; `replay_<part> FILE...` runs inputs that a fuzzer found;
//! `replay_<part> --seeds DIR` writes the seeds for a fuzzer to start from.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/harness.hpp"

namespace {

using fuzz::bytes;

//! Calls `visit` with `seed` and with copies that differ from it in one place: a byte, a number of
//! eight bytes, a byte more or less, an end elsewhere, a list longer or shorter.
//! Of whole frames the head alone is changed, since the payload is, elsewhere.
template <class Visit>
void for_each_change(const bytes& seed, Visit visit) {
  visit(seed);
  const bool framed = static_cast<std::size_t>(seed[0]) % fuzz::forms != 0;
  const std::size_t head = (std::min)(gradsieve::detail::state_head + 1, seed.size());
  const std::size_t end = framed ? head : seed.size();
  // Of a long one only some places are tried; at an odd distance, so that each byte of a number is.
  const std::size_t step = end > 1024 ? (end / 256) | 1 : 1;
  bytes changed = seed;
  for (std::size_t at = 0; at < end; at += step) {
    for (const unsigned flip : {1u, 2u, 4u, 8u, 16u, 32u, 64u, 128u, 255u}) {
      changed[at] = seed[at] ^ static_cast<std::byte>(flip);
      visit(changed);
    }
    changed[at] = seed[at];
  }
  for (std::size_t at = 1; at + 8 <= end; at += step) {
    for (const std::uint64_t number :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 20, (std::uint64_t{1} << 32) + 1,
          std::uint64_t{1} << 60, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
      gradsieve::byte_writer out;
      out.put(number);
      std::copy(out.view().begin(), out.view().end(), &changed[at]);
      visit(changed);
    }
    std::copy_n(&seed[at], 8, &changed[at]);
  }
  for (std::size_t at = 1; at <= end; at += step) {
    const auto place = static_cast<std::ptrdiff_t>(at);
    visit(bytes(seed.begin(), seed.begin() + place));
    changed = seed;
    changed.insert(changed.begin() + place, std::byte{0});
    visit(changed);
    changed = seed;
    if (at < seed.size()) changed.erase(changed.begin() + place);
    visit(changed);
    for (const std::size_t width : {4u, 8u, 16u}) {
      for (const bool longer : {false, true}) {
        changed = seed;
        if (fuzz::change_list(changed, at, width, 0, longer)) visit(changed);
      }
    }
  }
}

bytes contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) fuzz::fail("a file cannot be read");
  bytes input(text.size());
  std::memcpy(input.data(), text.data(), text.size());
  return input;
}

void write_seeds(const std::string& folder) {
  std::size_t number = 0;
  for (const bytes& seed : fuzz::the_target().seeds()) {
    std::ofstream file(folder + "/seed-" + std::to_string(number++), std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.data()),
               static_cast<std::streamsize>(seed.size()));
    if (!file) fuzz::fail("a seed cannot be written");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const fuzz::target target = fuzz::the_target();
  if (argc == 3 && std::strcmp(argv[1], "--seeds") == 0) {
    write_seeds(argv[2]);
    return 0;
  }
  for (int i = 1; i < argc; ++i) target.check(contents(argv[i]));
  if (argc > 1) return 0;

  std::size_t inputs = 0;
  for (const bytes& seed : target.seeds()) {
    for_each_change(seed, [&](bytes input) {
      for (const std::byte other_first : {std::byte{0}, fuzz::swap_bit}) {
        input[0] ^= other_first;
        target.check(input);
        ++inputs;
      }
    });
  }
  std::printf("%zu inputs\n", inputs);
}
