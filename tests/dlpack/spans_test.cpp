// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gradsieve.hpp>

#include "catch.hpp"
#include "dlpack/tensors.hpp"

#include <algorithm>
#include <array>

namespace gs = gradsieve;
namespace dlpack = gradsieve::dlpack;
using tensors::made;

namespace {

template <class T, class Variant>
std::span<const T> as(const Variant& spans) {
  REQUIRE(std::holds_alternative<std::span<const T>>(spans));
  return std::get<std::span<const T>>(spans);
}

template <class T>
void expect_losses() {
  std::array<T, 5> memory{};
  const made<T> tensor(memory.data(), {5});
  CHECK(as<T>(dlpack::losses(tensor.get())).data() == memory.data());
  CHECK(as<T>(dlpack::losses(tensor.get())).size() == 5);
}

}  // namespace

TEST_CASE("dlpack: losses of each type are views of the tensor's memory") {
  expect_losses<float>();
  expect_losses<double>();
  expect_losses<gs::float16_bits>();
  expect_losses<gs::bfloat16_bits>();
}

TEST_CASE("dlpack: ids of each type are views of the tensor's memory") {
  std::array<std::int64_t, 3> wide{1, 2, 3};
  std::array<std::int32_t, 3> narrow{4, 5, 6};
  CHECK(as<std::int64_t>(dlpack::ids(made(wide.data(), {3}).get())).data() == wide.data());
  CHECK(as<std::int32_t>(dlpack::ids(made(narrow.data(), {3}).get())).data() == narrow.data());
}

TEST_CASE("dlpack: positions are written through the tensor") {
  std::array<std::int32_t, 4> memory{};
  std::array<std::uint32_t, 4> other{};
  dlpack::positions(made(memory.data(), {4}).get())[3] = 7;
  dlpack::positions(made(other.data(), {4}).get())[3] = 8;
  CHECK(memory[3] == 7);
  CHECK(other[3] == 8);
}

TEST_CASE("dlpack: the memory begins byte_offset behind the data") {
  std::array<float, 6> memory{0, 1, 2, 3, 4, 5};
  made<float> tensor(memory.data(), {2});
  tensor->byte_offset = 3 * sizeof(float);
  const auto losses = as<float>(dlpack::losses(tensor.get()));
  CHECK(losses[0] == 3);
  CHECK(losses[1] == 4);
  made<float> table(memory.data(), {2, 2});
  table->byte_offset = 2 * sizeof(float);
  CHECK(dlpack::rows(table.get()).data == memory.data() + 2);
}

TEST_CASE("dlpack: strides of packed memory are the same as none") {
  std::array<float, 6> memory{};
  made<float> vector(memory.data(), {6});
  vector.set_strides({1});
  CHECK(as<float>(dlpack::losses(vector.get())).size() == 6);
  made<float> table(memory.data(), {2, 3});
  table.set_strides({3, 1});
  CHECK(dlpack::rows(table.get()).size == 2);
  CHECK(dlpack::rows(table.get()).row_bytes == 12);
}

TEST_CASE("dlpack: strides mean nothing where there is one element, or none") {
  std::array<float, 3> memory{};
  made<float> one(memory.data(), {1});
  one.set_strides({77});
  CHECK(as<float>(dlpack::losses(one.get())).size() == 1);
  made<float> none(nullptr, {0});
  none.set_strides({77});
  CHECK(as<float>(dlpack::losses(none.get())).empty());
  made<float> table(memory.data(), {1, 3, 1});
  table.set_strides({-5, 1, 99});
  CHECK(dlpack::rows(table.get()).row_bytes == 12);
  made<float> empty(nullptr, {4, 0, 2});
  empty.set_strides({-5, 8, 99});
  CHECK(dlpack::rows(empty.get()).row_bytes == 0);
}

TEST_CASE("dlpack: rows of any shape and type") {
  std::array<std::uint8_t, 2 * 3 * 4> bytes{};
  const dlpack::row_span images = dlpack::rows(made(bytes.data(), {2, 3, 4}).get());
  CHECK(images.data == bytes.data());
  CHECK(images.size == 2);
  CHECK(images.row_bytes == 12);
  std::array<std::int64_t, 5> ids{};
  CHECK(dlpack::rows(made(ids.data(), {5}).get()).row_bytes == 8);
  made<std::uint8_t> complex(bytes.data(), {3});
  complex->dtype = {5, 64, 1};
  CHECK(dlpack::rows(complex.get()).row_bytes == 8);
}

TEST_CASE("dlpack: pinned memory is the host's, a device's needs to be asked for by its number") {
  std::array<float, 2> memory{};
  for (const std::int32_t type : {1, 3, 11}) {
    const made<float> tensor(memory.data(), {2}, {type, 0});
    CHECK(as<float>(dlpack::losses(tensor.get())).size() == 2);
  }
  const made<float> second(memory.data(), {2}, {dlpack::device_cuda, 1});
  CHECK(as<float>(dlpack::losses(second.get(), dlpack::cuda(1))).data() == memory.data());
  const made<float> managed(memory.data(), {2}, {dlpack::device_cuda_managed, 0});
  CHECK(as<float>(dlpack::losses(managed.get(), dlpack::cuda(1))).data() == memory.data());
}

TEST_CASE("dlpack: a sieve picks by tensors as it does by the core's own ranges") {
  const gs::sieve_options options{.examples = 40, .history = 16, .seed = 3};
  gs::sieve through_tensors(options), direct(options);
  for (int step = 0; step < 9; ++step) {
    std::vector<double> losses(10);
    std::vector<std::int32_t> ids(10);
    for (std::size_t i = 0; i < 10; ++i) {
      losses[i] = static_cast<double>((7 * i + static_cast<std::size_t>(step)) % 13);
      ids[i] = static_cast<std::int32_t>((11 * i + static_cast<std::size_t>(step)) % 40);
    }
    const made loss_tensor(losses.data(), {10});
    const made id_tensor(ids.data(), {10});
    const auto expected = direct.pick(ids, losses);
    const auto got = std::visit(
        [&](auto id_span, auto loss_span) { return through_tensors.pick(id_span, loss_span); },
        dlpack::ids(id_tensor.get()), dlpack::losses(loss_tensor.get()));
    CHECK(std::equal(got.positions().begin(), got.positions().end(), expected.positions().begin(),
                     expected.positions().end()));
  }
  CHECK(through_tensors.save() == direct.save());
}

TEST_CASE("dlpack: a managed tensor is read as the one that it holds") {
  std::array<std::int32_t, 4> memory{};
  const made<std::int32_t> held(memory.data(), {4});
  const dlpack::managed_tensor plain{*held.get(), nullptr, nullptr};
  dlpack::managed_tensor_versioned versioned{};
  versioned.dl_tensor = *held.get();
  CHECK(dlpack::positions(&plain).data() == reinterpret_cast<std::uint32_t*>(memory.data()));
  CHECK(dlpack::positions(&versioned).size() == 4);
  CHECK(as<std::int32_t>(dlpack::ids(&versioned)).data() == memory.data());
  CHECK(dlpack::rows(&versioned).data == memory.data());
  CHECK_THROWS_WITH(dlpack::losses(static_cast<dlpack::managed_tensor*>(nullptr)),
                    "dlpack: losses: the tensor is null");
}

TEST_CASE("dlpack: a read-only tensor is refused where it would be written") {
  std::array<std::int32_t, 4> memory{};
  const made<std::int32_t> held(memory.data(), {4});
  dlpack::managed_tensor_versioned versioned{};
  versioned.dl_tensor = *held.get();
  versioned.flags = dlpack::flag_read_only;
  CHECK_THROWS_WITH(dlpack::positions(&versioned),
                    "dlpack: positions: the tensor is read-only, and would be written");
  CHECK_THROWS_WITH(dlpack::rows(&versioned),
                    "dlpack: rows: the tensor is read-only, and would be written");
  CHECK(as<std::int32_t>(dlpack::ids(&versioned)).size() == 4);
  CHECK(dlpack::source_rows(&versioned).data == memory.data());
  CHECK(dlpack::source_rows(&versioned).row_bytes == 4);
  versioned.flags = 2;  // copied: another flag
  CHECK(dlpack::positions(&versioned).size() == 4);
  CHECK(dlpack::rows(&versioned).size == 4);
}
