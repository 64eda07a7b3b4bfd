// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a tensor must be before anything is read from it.
#pragma once

#include <gradsieve/dlpack/abi.hpp>
#include <gradsieve/error.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::dlpack {

//! Any struct with the members of a DLTensor.
template <class T>
concept dl_tensor = requires(const T& t) {
  static_cast<void*>(t.data);
  static_cast<std::int32_t>(t.device.device_type);
  static_cast<std::int32_t>(t.device.device_id);
  static_cast<std::int32_t>(t.ndim);
  static_cast<std::uint8_t>(t.dtype.code);
  static_cast<std::uint8_t>(t.dtype.bits);
  static_cast<std::uint16_t>(t.dtype.lanes);
  static_cast<const std::int64_t*>(t.shape);
  static_cast<const std::int64_t*>(t.strides);
  static_cast<std::uint64_t>(t.byte_offset);
};

//! Any struct with the members of a DLManagedTensor or DLManagedTensorVersioned.
template <class T>
concept dl_managed_tensor = requires(T* t) {
  requires dl_tensor<decltype(t->dl_tensor)>;
  t->deleter(t);
};

//! What holds a tensor. Only a DLManagedTensorVersioned says whether it may be written.
template <class T>
concept dl_any_tensor = dl_tensor<T> || dl_managed_tensor<T>;

//! Where a tensor's memory must be.
struct place {
  std::int32_t device_type = device_cpu;
  std::int32_t device_id = 0;
};
//! Memory that this thread may read: the CPU's, also where it is pinned.
inline constexpr place host{};
//! Memory of a CUDA device, or managed memory. What is returned must not be read by the host.
constexpr place cuda(std::int32_t device_id) { return {device_cuda, device_id}; }

namespace detail {

using gradsieve::detail::fail;

//! A tensor's fields, and what it is for in messages. Each check throws invalid_argument.
struct checked_tensor {
  const char* what;
  tensor fields;
  bool read_only = false;

  //! @throws invalid_argument for a null pointer
  template <dl_any_tensor T>
  static checked_tensor of(const T* from, const char* what) {
    if (from == nullptr) fail<invalid_argument>("dlpack: ", what, ": the tensor is null");
    if constexpr (dl_tensor<T>) {
      return of_fields(*from, what);
    } else {
      checked_tensor all = of_fields(from->dl_tensor, what);
      if constexpr (requires { from->flags; }) all.read_only = (from->flags & flag_read_only) != 0;
      return all;
    }
  }
  template <dl_tensor T>
  static checked_tensor of_fields(const T& t, const char* what) {
    return {what,
            {t.data,
             {static_cast<std::int32_t>(t.device.device_type),
              static_cast<std::int32_t>(t.device.device_id)},
             static_cast<std::int32_t>(t.ndim),
             {static_cast<std::uint8_t>(t.dtype.code), static_cast<std::uint8_t>(t.dtype.bits),
              static_cast<std::uint16_t>(t.dtype.lanes)},
             t.shape,
             t.strides,
             t.byte_offset}};
  }

  bool is(std::uint8_t code, std::uint8_t bits) const {
    return fields.dtype.code == code && fields.dtype.bits == bits;
  }

  void check_place(const place& wanted) const {
    const auto [type, id] = fields.device;
    if (wanted.device_type == device_cpu) {
      if (type == device_cpu || type == device_cuda_host || type == device_rocm_host) return;
      fail<invalid_argument>("dlpack: ", what, ": device type ", type, ", the host's is ",
                             device_cpu);
    }
    if (type == device_cuda_managed && wanted.device_type == device_cuda) return;
    if (type != wanted.device_type) {
      fail<invalid_argument>("dlpack: ", what, ": device type ", type, ", expected ",
                             wanted.device_type);
    }
    if (id != wanted.device_id) {
      fail<invalid_argument>("dlpack: ", what, ": device ", id, ", expected ", wanted.device_id);
    }
  }

  void check_writable() const {
    if (!read_only) return;
    fail<invalid_argument>("dlpack: ", what, ": the tensor is read-only, and would be written");
  }

  void check_lanes() const {
    if (fields.dtype.lanes == 1) return;
    fail<invalid_argument>("dlpack: ", what, ": vectors of ", fields.dtype.lanes,
                           " lanes, expected 1");
  }

  [[noreturn]] void refuse_dtype(const char* expected) const {
    fail<invalid_argument>("dlpack: ", what, ": dtype code ", fields.dtype.code, " of ",
                           fields.dtype.bits, " bits, expected ", expected);
  }

  //! The shape's product over the dimensions from `first` on, at most what `element_bytes` each
  //! leave addressable.
  std::size_t elements(std::int32_t first, std::size_t element_bytes) const {
    std::uint64_t product = 1;
    bool none = false;
    for (std::int32_t d = first; d < fields.ndim; ++d) {
      const std::int64_t extent = fields.shape[d];
      if (extent < 0) {
        fail<invalid_argument>("dlpack: ", what, ": dimension ", d, " has ", extent, " elements");
      }
      if (extent == 0) {
        none = true;
        continue;
      }
      const auto length = static_cast<std::uint64_t>(extent);
      if (product > most_bytes / element_bytes / length) {
        fail<invalid_argument>("dlpack: ", what, ": dimension ", d, " of ", extent,
                               " elements makes it larger than memory");
      }
      product *= length;
    }
    return none ? 0 : product;
  }

  void check_dimensions(std::int32_t least, std::int32_t most) const {
    const std::int32_t ndim = fields.ndim;
    if (ndim < least || ndim > most) {
      fail<invalid_argument>("dlpack: ", what, ": ", ndim, " dimensions, expected ", least,
                             most == least ? "" : " or more");
    }
    if (fields.shape == nullptr) fail<invalid_argument>("dlpack: ", what, ": the shape is null");
  }

  //! Strides of dimensions with one element, and of tensors with none, mean nothing. @pre the
  //! number of elements was checked
  void check_packed() const {
    if (fields.strides == nullptr) return;
    for (std::int32_t d = 0; d < fields.ndim; ++d) {
      if (fields.shape[d] == 0) return;
    }
    std::int64_t packed = 1;
    for (std::int32_t d = fields.ndim - 1; d >= 0; --d) {
      if (fields.shape[d] == 1) continue;
      if (fields.strides[d] != packed) {
        fail<invalid_argument>("dlpack: ", what, ": dimension ", d, " has stride ",
                               fields.strides[d], ", packed memory has ", packed);
      }
      packed *= fields.shape[d];
    }
  }

  //! Where the first of `count` elements lies.
  void* data(std::size_t count, std::size_t alignment) const {
    if (count == 0) return nullptr;
    if (fields.data == nullptr) {
      fail<invalid_argument>("dlpack: ", what, ": ", count, " elements, but the data is null");
    }
    const std::uint64_t at = reinterpret_cast<std::uintptr_t>(fields.data) + fields.byte_offset;
    if (at % alignment != 0) {
      fail<invalid_argument>("dlpack: ", what, ": the data begins ", at % alignment,
                             " bytes behind a multiple of ", alignment, ", its element's size");
    }
    return static_cast<unsigned char*>(fields.data) + fields.byte_offset;
  }

 private:
  static constexpr std::uint64_t most_bytes = static_cast<std::uint64_t>(PTRDIFF_MAX);
};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI::dlpack
