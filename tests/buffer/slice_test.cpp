// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a slice is made of, and what it becomes.
#include <gradsieve/buffer.hpp>
#include <gradsieve/slice.hpp>

#include "catch.hpp"

#include <array>
#include <vector>

using gradsieve::detail::buffer;
using gradsieve::detail::slice;

namespace {

struct base {
  int number = 0;
};
struct derived : base {
  int more = 0;
};

std::size_t length(std::span<const int> numbers) { return numbers.size(); }
std::size_t writable_length(std::span<int> numbers) { return numbers.size(); }

}  // namespace

TEST_CASE("slice: of a vector, an array, a span, a buffer and a pointer") {
  std::vector<int> numbers{1, 2, 3};
  std::array<int, 2> two{4, 5};
  int plain[] = {6, 7, 8, 9};
  const buffer<int> held(5, 1);
  const slice<const int> of_vector = numbers, of_array = two, of_plain = plain;
  const slice<const int> of_span = std::span<const int>(numbers), of_buffer = held;
  CHECK(of_vector.data() == numbers.data());
  CHECK(of_vector.size() == 3);
  CHECK(of_array.size() == 2);
  CHECK(of_plain.back() == 9);
  CHECK(of_span.data() == numbers.data());
  CHECK(of_buffer.size() == 5);
  CHECK(slice<int>().empty());
  CHECK(slice<const int>(numbers.data() + 1, 2)[1] == 3);
}

TEST_CASE("slice: becomes the span that is asked for, and no other") {
  std::vector<int> numbers{1, 2, 3};
  const slice<int> writable = numbers;
  const slice<const int> readable = writable;
  CHECK(length(writable) == 3);
  CHECK(length(readable) == 3);
  CHECK(writable_length(writable) == 3);
  const std::span<int> same = writable;
  same[0] = 7;
  CHECK(numbers[0] == 7);
  STATIC_REQUIRE(!std::is_convertible_v<slice<const int>, std::span<int>>);
  STATIC_REQUIRE(!std::is_convertible_v<slice<const int>, slice<int>>);
  STATIC_REQUIRE(!std::is_convertible_v<slice<int>, std::span<long>>);
}

TEST_CASE(
    "slice: not of derived classes, whose elements lie further apart, and not of what is const") {
  STATIC_REQUIRE(!std::is_constructible_v<slice<const base>, std::vector<derived>&>);
  STATIC_REQUIRE(std::is_constructible_v<slice<const base>, std::vector<base>&>);
  STATIC_REQUIRE(!std::is_constructible_v<slice<int>, const std::vector<int>&>);
}

TEST_CASE("buffer: its parts are slices of its own elements") {
  buffer<int> held;
  for (int i = 0; i < 10; ++i) held.push_back(i);
  CHECK(held.view().size() == 10);
  CHECK(held.first(3).back() == 2);
  CHECK(held.part(4, 2)[1] == 5);
  held.room(2)[1] = -1;
  CHECK(held[1] == -1);
  CHECK(held.room().data() == held.data());
}
