// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What libFuzzer would hardly come upon: a list that is longer or shorter together with its
//! count.
#include "fuzz/harness.hpp"
#include "support/random_source.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed);

//! Every fourth change is one of lists, where there is one; the others are libFuzzer's own.
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                    unsigned seed) {
  support::random_source random(seed);
  if (size == 0 || random.below(4) != 0) return LLVMFuzzerMutate(data, size, most);
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  fuzz::bytes input(begin, begin + size);
  const std::size_t start = random.below(size);
  const std::size_t width = std::size_t{4} << random.below(3);
  const bool longer = random.below(2) != 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = (start + i) % size;
    if (!fuzz::change_list(input, at, width, random.below(4), longer)) continue;
    if (input.size() > most) break;
    std::copy(input.begin(), input.end(), reinterpret_cast<std::byte*>(data));
    return input.size();
  }
  return LLVMFuzzerMutate(data, size, most);
}
