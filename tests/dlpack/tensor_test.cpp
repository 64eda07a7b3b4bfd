// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/dlpack/tensor.hpp>

#include "catch.hpp"
#include "dlpack/tensors.hpp"

#include <array>
#include <string>

#if __has_include(<dlpack/dlpack.h>)
#include <dlpack/dlpack.h>
#endif

namespace gs = gradsieve;
namespace dlpack = gradsieve::dlpack;
using tensors::made;

namespace foreign {

// As a framework's copy of the header has them: enums where we have integers, C's names.
extern "C" {
typedef enum : std::int32_t { kCPU = 1, kCUDA = 2 } DeviceType;
typedef struct {
  DeviceType device_type;
  int device_id;
} Device;
typedef struct {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
} DataType;
typedef struct {
  void* data;
  Device device;
  int ndim;
  DataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;
  std::uint64_t byte_offset;
} Tensor;
}

}  // namespace foreign

namespace {

std::array<float, 8> memory{0, 1, 2, 3, 4, 5, 6, 7};

//! The message of what `read` throws.
template <class Read>
std::string refusal(Read read) {
  try {
    read();
  } catch (const gs::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}
std::string losses_refused(const dlpack::tensor* tensor,
                           const dlpack::place& where = dlpack::host) {
  return refusal([&] { dlpack::losses(tensor, where); });
}

}  // namespace

TEST_CASE("dlpack: the structs of any header are taken as they are") {
  static_assert(dlpack::dl_tensor<foreign::Tensor>);
  static_assert(dlpack::dl_tensor<dlpack::tensor>);
  static_assert(!dlpack::dl_tensor<int>);
  static_assert(!dlpack::dl_tensor<dlpack::managed_tensor>);
  static_assert(sizeof(foreign::Tensor) == sizeof(dlpack::tensor));
  std::int64_t shape[] = {8};
  const foreign::Tensor tensor{memory.data(), {foreign::kCPU, 0}, 1, {2, 32, 1}, shape, nullptr, 4};
  foreign::Tensor shorter = tensor;
  shape[0] = 7;
  const auto losses = std::get<std::span<const float>>(dlpack::losses(&shorter));
  CHECK(losses.size() == 7);
  CHECK(losses[0] == 1);
}

#if __has_include(<dlpack/dlpack.h>)
TEST_CASE("dlpack: the header that is installed here has the same layout") {
  static_assert(dlpack::dl_tensor<DLTensor>);
  static_assert(sizeof(DLTensor) == sizeof(dlpack::tensor));
  static_assert(offsetof(DLTensor, dtype) == offsetof(dlpack::tensor, dtype));
  static_assert(offsetof(DLTensor, byte_offset) == offsetof(dlpack::tensor, byte_offset));
  static_assert(kDLCPU == dlpack::device_cpu && kDLCUDA == dlpack::device_cuda);
  static_assert(kDLCUDAManaged == dlpack::device_cuda_managed);
  static_assert(kDLFloat == dlpack::code_float && kDLBfloat == dlpack::code_bfloat);
  std::int64_t shape[] = {8};
  DLTensor tensor{memory.data(), {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, shape, nullptr, 0};
  CHECK(std::get<std::span<const float>>(dlpack::losses(&tensor)).size() == 8);
}
#endif

TEST_CASE("dlpack: null tensors, shapes and data are refused") {
  CHECK(losses_refused(nullptr) == "dlpack: losses: the tensor is null");
  CHECK(refusal([] { dlpack::ids(static_cast<const dlpack::tensor*>(nullptr)); }) ==
        "dlpack: ids: the tensor is null");
  made<float> tensor(memory.data(), {8});
  tensor->shape = nullptr;
  CHECK(losses_refused(tensor.get()) == "dlpack: losses: the shape is null");
  const made<float> nothing(nullptr, {3});
  CHECK(losses_refused(nothing.get()) == "dlpack: losses: 3 elements, but the data is null");
  made<float> offset(nullptr, {3});
  offset->byte_offset = 64;
  CHECK(losses_refused(offset.get()) == "dlpack: losses: 3 elements, but the data is null");
}

TEST_CASE("dlpack: memory of another device is refused, both types and numbers named") {
  const made<float> on_device(memory.data(), {8}, {dlpack::device_cuda, 0});
  CHECK(losses_refused(on_device.get()) == "dlpack: losses: device type 2, the host's is 1");
  CHECK(losses_refused(on_device.get(), dlpack::cuda(1)) == "dlpack: losses: device 0, expected 1");
  const made<float> on_host(memory.data(), {8});
  CHECK(losses_refused(on_host.get(), dlpack::cuda(0)) ==
        "dlpack: losses: device type 1, expected 2");
  const made<float> managed(memory.data(), {8}, {dlpack::device_cuda_managed, 0});
  CHECK(losses_refused(managed.get()) == "dlpack: losses: device type 13, the host's is 1");
  CHECK(refusal([&] { dlpack::rows(on_device.get()); }) ==
        "dlpack: rows: device type 2, the host's is 1");
}

TEST_CASE("dlpack: lanes and dtypes that are not taken are refused by name") {
  made<float> tensor(memory.data(), {2});
  tensor->dtype.lanes = 4;
  CHECK(losses_refused(tensor.get()) == "dlpack: losses: vectors of 4 lanes, expected 1");
  CHECK(refusal([&] { dlpack::rows(tensor.get()); }) ==
        "dlpack: rows: vectors of 4 lanes, expected 1");
  tensor->dtype = {dlpack::code_int, 32, 1};
  CHECK(losses_refused(tensor.get()) ==
        "dlpack: losses: dtype code 0 of 32 bits, expected a float "
        "of 16, 32 or 64 bits or a bfloat16");
  tensor->dtype = {dlpack::code_bfloat, 32, 1};
  CHECK(losses_refused(tensor.get()) != "taken");
  tensor->dtype = {dlpack::code_float, 8, 1};
  CHECK(losses_refused(tensor.get()) != "taken");
  tensor->dtype = {dlpack::code_uint, 64, 1};
  CHECK(refusal([&] { dlpack::ids(tensor.get()); }) ==
        "dlpack: ids: dtype code 1 of 64 bits, expected an int of 32 or 64 bits");
  CHECK(refusal([&] { dlpack::positions(tensor.get()); }) ==
        "dlpack: positions: dtype code 1 of 64 bits, expected an int or uint of 32 bits");
  for (const std::uint8_t bits : {std::uint8_t{0}, std::uint8_t{4}}) {
    tensor->dtype = {17, bits, 1};
    CHECK_THAT(refusal([&] { dlpack::rows(tensor.get()); }), contains("expected whole bytes"));
  }
}

TEST_CASE("dlpack: other than one dimension is refused, and rows need one") {
  CHECK(losses_refused(made<float>(memory.data(), {}).get()) ==
        "dlpack: losses: 0 dimensions, expected 1");
  CHECK(losses_refused(made<float>(memory.data(), {4, 2}).get()) ==
        "dlpack: losses: 2 dimensions, expected 1");
  CHECK(losses_refused(made<float>(memory.data(), {4, 1}).get()) ==
        "dlpack: losses: 2 dimensions, expected 1");
  made<float> negative(memory.data(), {4});
  negative->ndim = -1;
  CHECK(losses_refused(negative.get()) == "dlpack: losses: -1 dimensions, expected 1");
  CHECK(refusal([] { dlpack::rows(made<float>(memory.data(), {}).get()); }) ==
        "dlpack: rows: 0 dimensions, expected 1 or more");
}

TEST_CASE("dlpack: strides that are not packed are refused with what they should be") {
  made<float> tensor(memory.data(), {4});
  tensor.set_strides({2});
  CHECK(losses_refused(tensor.get()) ==
        "dlpack: losses: dimension 0 has stride 2, packed memory has 1");
  tensor.set_strides({0});
  CHECK(losses_refused(tensor.get()) ==
        "dlpack: losses: dimension 0 has stride 0, packed memory has 1");
  made<float> transposed(memory.data(), {2, 4});
  transposed.set_strides({1, 2});
  CHECK(refusal([&] { dlpack::rows(transposed.get()); }) ==
        "dlpack: rows: dimension 1 has stride 2, packed memory has 1");
  made<float> sliced(memory.data(), {2, 2});
  sliced.set_strides({4, 1});
  CHECK(refusal([&] { dlpack::rows(sliced.get()); }) ==
        "dlpack: rows: dimension 0 has stride 4, packed memory has 2");
}

TEST_CASE("dlpack: extents that are negative or larger than memory are refused") {
  CHECK(losses_refused(made<float>(memory.data(), {-3}).get()) ==
        "dlpack: losses: dimension 0 has -3 elements");
  const std::int64_t most = INT64_MAX / 4;
  CHECK(losses_refused(made<float>(memory.data(), {most}).get()) == "taken");
  CHECK_THAT(losses_refused(made<float>(memory.data(), {most + 1}).get()),
             contains("makes it larger than memory"));
  made<float> wraps(memory.data(), {std::int64_t{1} << 33, std::int64_t{1} << 33});
  wraps.set_strides({std::int64_t{1} << 33, 1});
  CHECK(refusal([&] { dlpack::rows(wraps.get()); }) ==
        "dlpack: rows: dimension 1 of 8589934592 elements makes it larger than memory");
}

TEST_CASE("dlpack: misaligned data is refused, by how much") {
  made<float> tensor(memory.data(), {2});
  tensor->byte_offset = 6;
  CHECK(losses_refused(tensor.get()) ==
        "dlpack: losses: the data begins 2 bytes behind a multiple of 4, its element's size");
  CHECK(dlpack::rows(tensor.get()).data == reinterpret_cast<unsigned char*>(memory.data()) + 6);
}
