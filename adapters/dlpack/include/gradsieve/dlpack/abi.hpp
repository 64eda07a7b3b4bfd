// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The structs of DLPack's binary interface, for those who have no header of it.
#pragma once

#include <gradsieve/config.hpp>

#include <cstddef>
#include <cstdint>

namespace gradsieve::inline GRADSIEVE_ABI::dlpack {

//! @name As in <dlpack/dlpack.h>, under names of our own
//! The adapter takes any struct with these members, so that a file may include the header of any
//! version of DLPack, or a framework's copy of it, beside this one and in any order.
//! Source: DLPack 1.1, https://dmlc.github.io/dlpack/latest/c_api.html. `tensor` is unchanged since
//! version 0.6.
//! @{
struct tensor_device {
  std::int32_t device_type;
  std::int32_t device_id;
};

struct tensor_dtype {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
};

//! DLTensor
struct tensor {
  void* data;
  tensor_device device;
  std::int32_t ndim;
  tensor_dtype dtype;
  std::int64_t* shape;
  std::int64_t* strides;  //!< in elements; null: packed, the last dimension innermost
  std::uint64_t byte_offset;
};

//! DLManagedTensor: what a capsule named "dltensor" holds.
struct managed_tensor {
  tensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(managed_tensor* self);
};

struct abi_version {
  std::uint32_t major;
  std::uint32_t minor;
};

//! DLManagedTensorVersioned: what a capsule named "dltensor_versioned" holds.
struct managed_tensor_versioned {
  abi_version version;
  void* manager_ctx;
  void (*deleter)(managed_tensor_versioned* self);
  std::uint64_t flags;
  tensor dl_tensor;
};
//! @}

static_assert(sizeof(tensor_device) == 8 && sizeof(tensor_dtype) == 4);
static_assert(sizeof(void*) != 8 ||
              (sizeof(tensor) == 48 && offsetof(tensor, device) == 8 &&
               offsetof(tensor, ndim) == 16 && offsetof(tensor, dtype) == 20 &&
               offsetof(tensor, shape) == 24 && offsetof(tensor, strides) == 32 &&
               offsetof(tensor, byte_offset) == 40));
static_assert(sizeof(void*) != 8 || (offsetof(managed_tensor, deleter) == 56 &&
                                     offsetof(managed_tensor_versioned, deleter) == 16 &&
                                     offsetof(managed_tensor_versioned, dl_tensor) == 32));

//! @name Codes of the kinds of devices and elements that mean something here
//! @{
inline constexpr std::int32_t device_cpu = 1, device_cuda = 2, device_cuda_host = 3,
                              device_rocm_host = 11, device_cuda_managed = 13;
inline constexpr std::uint8_t code_int = 0, code_uint = 1, code_float = 2, code_bfloat = 4;
//! DLPACK_FLAG_BITMASK_READ_ONLY, of `managed_tensor_versioned::flags`
inline constexpr std::uint64_t flag_read_only = 1;
//! @}

}  // namespace gradsieve::inline GRADSIEVE_ABI::dlpack
