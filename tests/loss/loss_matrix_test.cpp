// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/loss/loss_matrix.hpp>

#include <vector>

#include "catch.hpp"

namespace gs = gradsieve;

namespace {

using mask = std::vector<std::uint8_t>;

template <class Label>
mask kept(const std::vector<Label>& targets, std::int64_t ignore_index = -100) {
  mask keep(targets.size(), 77);
  gs::write_keep(targets, keep, ignore_index);
  return keep;
}

}  // namespace

TEST_CASE("loss matrix: rows are packed, or a stride apart") {
  const std::vector<float> data = {1, 2, 3, 4, 5, 6};
  const gs::loss_matrix<float> packed{data.data(), 2, 3};
  CHECK(packed.row(1)[0] == 4);
  const gs::loss_matrix<float> padded{data.data(), 2, 2, 3};
  CHECK(padded.row(1)[1] == 5);
}

TEST_CASE("write_keep: 0 where the target is to be ignored, for labels of any integer type") {
  CHECK(kept<std::int64_t>({3, -100, 0, -100, -1}) == mask{1, 0, 1, 0, 1});
  CHECK(kept<int>({-100}) == mask{0});
  CHECK(kept<std::int32_t>({0, 1, 0}, 0) == mask{0, 1, 0});
  CHECK(kept<std::uint16_t>({50256, 7}, 50256) == mask{0, 1});
  CHECK(kept<int>({}).empty());
  // -100 of another width or sign is no -100.
  CHECK(kept<std::uint8_t>({156, 0}) == mask{1, 1});
  CHECK(kept<std::uint64_t>({static_cast<std::uint64_t>(-100)}) == mask{1});
  CHECK(kept<std::int64_t>({(std::int64_t{1} << 32) - 100}) == mask{1});
}

TEST_CASE("write_keep: a mask of another length is refused with both, and not written") {
  const std::vector<int> targets = {1, 2, 3};
  mask keep(2, 77);
  CHECK_THROWS_AS(gs::write_keep(targets, keep), gs::invalid_argument);
  CHECK_THROWS_WITH(gs::write_keep(targets, keep), contains("3 targets") && contains("mask of 2"));
  CHECK(keep == mask(2, 77));
}

TEST_CASE("loss matrix: what cannot be a matrix is refused by all who take one") {
  const auto run = [](const gs::loss_matrix<float>& losses, const mask& keep) {
    gs::detail::check_matrix("here", losses, keep);
  };
  const std::vector<float> data(6);
  CHECK_NOTHROW(run({data.data(), 2, 3}, {}));
  CHECK_NOTHROW(run({nullptr, 0, 3}, {}));
  CHECK_NOTHROW(run({nullptr, 3, 0}, {}));
  CHECK_THROWS_AS(run({nullptr, 2, 3}, {}), gs::invalid_argument);
  CHECK_THROWS_WITH(run({nullptr, 2, 3}, {}), contains("here: 2 x 3") && contains("null"));
  CHECK_THROWS_AS(run({data.data(), 2, 3}, mask(7)), gs::invalid_argument);
  CHECK_THROWS_WITH(run({data.data(), 2, 3}, mask(7)), contains("2 x 3") && contains("mask of 7"));
  CHECK_THROWS_AS(run({data.data(), 2, 3, 2}, {}), gs::invalid_argument);
  CHECK_THROWS_WITH(run({data.data(), 2, 3, 2}, {}),
                    contains("rows of 3") && contains("stride of 2"));
  const std::size_t wide = std::size_t{1} << 31;
  CHECK_THROWS_AS(run({data.data(), 1, wide}, {}), gs::invalid_argument);
  CHECK_THROWS_WITH(run({data.data(), 1, wide}, {}), contains("2147483648"));
}
