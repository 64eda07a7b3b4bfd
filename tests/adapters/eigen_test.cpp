// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The Eigen adapter: what is a view, what is copied, what is refused.
#include <gradsieve/eigen.hpp>

#include <array>
#include <cstdint>
#include <vector>

#include "catch.hpp"

namespace {

using gradsieve::eigen::gather_columns;
using gradsieve::eigen::is_contiguous_vector;
using gradsieve::eigen::losses;
using gradsieve::eigen::scale_columns;
using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Which expressions are views of contiguous memory is known at compile time.
static_assert(is_contiguous_vector<Eigen::VectorXf>);
static_assert(is_contiguous_vector<Eigen::RowVectorXd>);
static_assert(is_contiguous_vector<Eigen::Map<const Eigen::VectorXf>>);
static_assert(is_contiguous_vector<Eigen::Ref<Eigen::VectorXf>>);
static_assert(is_contiguous_vector<decltype(Eigen::MatrixXf().col(0))>);
static_assert(is_contiguous_vector<decltype(Eigen::VectorXf().segment(1, 2))>);
static_assert(is_contiguous_vector<decltype(row_major().row(0))>);
static_assert(!is_contiguous_vector<decltype(Eigen::MatrixXf().row(0))>);
static_assert(!is_contiguous_vector<decltype(row_major().col(0))>);
static_assert(!is_contiguous_vector<Eigen::Map<Eigen::VectorXf, 0, Eigen::InnerStride<>>>);
static_assert(!is_contiguous_vector<Eigen::MatrixXf>);
static_assert(!is_contiguous_vector<decltype(Eigen::VectorXf() + Eigen::VectorXf())>);

template <class T>
concept owning_temporary_is_taken = requires(T vector) {
  losses(std::move(vector));
};
static_assert(!owning_temporary_is_taken<Eigen::VectorXf>);

Eigen::MatrixXf counting(Eigen::Index rows, Eigen::Index columns) {
  return Eigen::MatrixXf::NullaryExpr(rows, columns, [](Eigen::Index row, Eigen::Index column) {
    return static_cast<float>(10 * column + row);
  });
}

TEST_CASE("losses of a vector, a map, a column and a segment are views") {
  const Eigen::VectorXf vector = Eigen::VectorXf::LinSpaced(5, 0.0f, 4.0f);
  CHECK(losses(vector).data() == vector.data());
  CHECK(losses(vector).size() == 5);

  const std::array<double, 3> memory{1, 2, 3};
  CHECK(losses(Eigen::Map<const Eigen::VectorXd>(memory.data(), 3)).data() == memory.data());

  const Eigen::MatrixXf matrix = counting(4, 3);
  const auto column = losses(matrix.col(2));
  CHECK(column.data() == matrix.data() + 8);
  CHECK(column[1] == 21.0f);

  CHECK(losses(vector.segment(2, 2))[0] == 2.0f);
  CHECK(losses(vector.head(0)).empty());
}

TEST_CASE("a strided row is copied into the caller's buffer") {
  const Eigen::MatrixXf matrix = counting(2, 4);
  std::vector<float> buffer(6, -1.0f);
  const auto row = losses(matrix.row(1), buffer);
  REQUIRE(row.size() == 4);
  CHECK(row.data() == buffer.data());
  CHECK(row[0] == 1.0f);
  CHECK(row[3] == 31.0f);
  CHECK(buffer[4] == -1.0f);
}

TEST_CASE("a computed expression is copied into the caller's buffer") {
  const Eigen::VectorXf a = Eigen::VectorXf::Constant(3, 2.0f);
  std::vector<float> buffer(8);
  CHECK(losses(2.0f * a + a, buffer)[2] == 6.0f);
}

TEST_CASE("a buffer that is too short is refused and left alone") {
  const Eigen::MatrixXf matrix = counting(2, 4);
  std::vector<float> buffer(3, -1.0f);
  CHECK_THROWS_AS(losses(matrix.row(0), buffer), gradsieve::invalid_argument);
  CHECK_THROWS_WITH(losses(matrix.row(0), buffer), contains("3") && contains("4"));
  CHECK(buffer == std::vector<float>(3, -1.0f));
}

TEST_CASE("gathered columns are the selected ones in the given order") {
  const Eigen::MatrixXf matrix = counting(3, 5);
  const std::vector<std::uint32_t> positions{4, 0, 4};
  Eigen::MatrixXf out = Eigen::MatrixXf::Constant(3, 3, -1.0f);
  gather_columns(matrix, positions, out);
  for (Eigen::Index i = 0; i < 3; ++i) {
    CHECK(out.col(i) == matrix.col(positions[static_cast<std::size_t>(i)]));
  }
}

TEST_CASE("columns are gathered from and into blocks, by ids of another type") {
  const Eigen::MatrixXf matrix = counting(3, 6);
  Eigen::MatrixXf out = Eigen::MatrixXf::Constant(3, 4, -1.0f);
  const std::array<std::int64_t, 2> ids{2, 1};
  gather_columns(matrix.rightCols(3), ids, out.leftCols(2));
  CHECK(out.col(0) == matrix.col(5));
  CHECK(out.col(1) == matrix.col(4));
  CHECK((out.rightCols(2).array() == -1.0f).all());
}

TEST_CASE("gathering checks shapes and positions") {
  const Eigen::MatrixXf matrix = counting(3, 5);
  Eigen::MatrixXf out(3, 2);
  CHECK_THROWS_AS(gather_columns(matrix, std::vector<int>{1}, out), gradsieve::invalid_argument);
  CHECK_THROWS_AS(gather_columns(matrix.topRows(2), std::vector<int>{1, 2}, out),
                  gradsieve::invalid_argument);
  CHECK_THROWS_WITH(gather_columns(matrix, std::vector<int>{1, 5}, out), contains("5"));
  CHECK_THROWS_AS(gather_columns(matrix, std::vector<int>{-1, 0}, out), gradsieve::out_of_range);
  Eigen::MatrixXf none(3, 0);
  gather_columns(matrix, std::vector<int>{}, none);
}

TEST_CASE("weights scale the gradient's columns in place") {
  Eigen::MatrixXf gradient = counting(2, 3);
  const std::vector<float> weights{1.0f, 0.0f, 0.5f};
  scale_columns(gradient, weights);
  CHECK(gradient(1, 0) == 1.0f);
  CHECK(gradient(1, 1) == 0.0f);
  CHECK(gradient(1, 2) == 10.5f);
  scale_columns(gradient.rightCols(1), std::vector<float>{2.0f});
  CHECK(gradient(1, 2) == 21.0f);
}

TEST_CASE("weights of another length are refused and change nothing") {
  Eigen::MatrixXf gradient = counting(2, 3);
  CHECK_THROWS_AS(scale_columns(gradient, std::vector<float>(2, 0.0f)),
                  gradsieve::invalid_argument);
  CHECK(gradient == counting(2, 3));
}

}  // namespace
