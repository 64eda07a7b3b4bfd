// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/state/bytes.hpp>

#include <limits>

#include "catch.hpp"
#include "support/losses.hpp"

namespace gs = gradsieve;

namespace {

std::vector<int> plain(std::span<const std::byte> bytes) {
  std::vector<int> values;
  for (const std::byte byte : bytes) values.push_back(std::to_integer<int>(byte));
  return values;
}

enum class colour : std::uint16_t { red = 0x0102 };

}  // namespace

TEST_CASE("bytes: least significant first, whatever the machine") {
  gs::byte_writer out;
  out.put(std::uint32_t{0x01020304});
  out.put(std::int16_t{-2});
  out.put(true);
  out.put(colour::red);
  CHECK(plain(out.view()) == std::vector<int>{4, 3, 2, 1, 0xfe, 0xff, 1, 2, 1});
}

TEST_CASE("bytes: a list is its count in 64 bits and its values") {
  gs::byte_writer out;
  const std::vector<std::uint16_t> values = {1, 0x203};
  out.put(std::span<const std::uint16_t>(values));
  CHECK(plain(out.view()) == std::vector<int>{2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 2});
}

TEST_CASE("bytes: into room that the caller has, or into none, to count") {
  const auto write = [](gs::byte_writer& out) {
    out.put(std::uint32_t{0x01020304});
    out.put(std::span<const std::uint16_t>(std::vector<std::uint16_t>{5, 6}));
    out.put(std::string_view("ab"));
  };
  gs::byte_writer own, none{gs::detail::slice<std::byte>()};
  write(own);
  write(none);
  CHECK(own.size() == 18);
  CHECK(none.size() == 18);
  for (const std::size_t room : {18u, 17u, 4u, 3u, 0u}) {
    std::vector<std::byte> bytes(20, std::byte{99});
    gs::byte_writer out(gs::detail::slice<std::byte>(bytes.data(), room));
    write(out);
    CHECK(out.size() == 18);
    if (room == 18) CHECK(std::equal(own.view().begin(), own.view().end(), bytes.begin()));
    CHECK(plain(std::span(bytes).subspan(room)) == std::vector<int>(20 - room, 99));
  }
}

TEST_CASE("bytes: what was written is read, up to the ends of every type") {
  gs::byte_writer out;
  out.put(std::numeric_limits<std::int64_t>::min());
  out.put(std::numeric_limits<std::uint64_t>::max());
  out.put((std::int64_t{1} << 53) + 1);
  out.put(std::int32_t{-7});
  out.put(false);
  const std::vector<std::int64_t> ids = {-1, 16777217, (std::int64_t{1} << 32) + 1};
  out.put(std::span<const std::int64_t>(ids));
  const auto& bytes = out.view();
  gs::byte_reader in(bytes);
  CHECK(in.left() == bytes.size());
  CHECK(in.get<std::int64_t>() == std::numeric_limits<std::int64_t>::min());
  CHECK(in.get<std::uint64_t>() == std::numeric_limits<std::uint64_t>::max());
  CHECK(in.get<std::int64_t>() == (std::int64_t{1} << 53) + 1);
  CHECK_NOTHROW(in.expect("seven", std::int32_t{-7}));
  CHECK_FALSE(in.flag("a flag"));
  CHECK(support::to_vector(in.list<std::int64_t>("ids")) == ids);
  CHECK(in.left() == 0);
}

TEST_CASE("bytes: a reader says what is missing") {
  const std::vector<std::byte> bytes(3);
  gs::byte_reader in(bytes);
  CHECK_THROWS_AS(in.get<std::uint32_t>(), gs::state_error);
  CHECK_THROWS_WITH(in.get<std::uint32_t>(),
                    contains("truncated") && contains("4 bytes") && contains("3 left"));
  CHECK(in.left() == 3);
  CHECK(in.get<std::uint16_t>() == 0);
  CHECK(in.left() == 1);
}

TEST_CASE("bytes: a count beyond what is left is refused before memory is taken") {
  for (const std::uint64_t count :
       {std::uint64_t{3}, std::uint64_t{1} << 40, std::uint64_t{1} << 61, ~std::uint64_t{0}}) {
    gs::byte_writer out;
    out.put(count);
    out.put(std::uint64_t{0});
    out.put(std::uint64_t{0});
    gs::byte_reader in(out.view());
    CHECK_THROWS_AS(in.list<std::uint64_t>("ids"), gs::state_error);
    gs::byte_reader again(out.view());
    CHECK_THROWS_WITH(again.list<std::uint64_t>("ids"),
                      contains("ids claims " + std::to_string(count)) && contains("16 bytes"));
  }
}

TEST_CASE("bytes: a flag is 0 or 1, an expected value the one that is here") {
  gs::byte_writer out;
  out.put(std::uint8_t{2});
  out.put(std::uint32_t{5});
  gs::byte_reader in(out.view());
  CHECK_THROWS_WITH(in.flag("a plan"), contains("a plan is 2"));
  CHECK_THROWS_WITH(in.expect("replica", std::uint32_t{6}),
                    contains("replica 5") && contains("has 6"));
}
