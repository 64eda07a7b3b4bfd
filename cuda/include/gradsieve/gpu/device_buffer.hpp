// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file An array in device memory.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! Owner of an array of trivially copyable elements in the memory of the device that was current
//! when it was made. Movable; what was moved from is empty.
template <class T>
class device_buffer {
 public:
  device_buffer() = default;
  device_buffer(device_buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  device_buffer& operator=(device_buffer&& other) noexcept {
    device_buffer gone(std::move(other));
    std::swap(data_, gone.data_);
    std::swap(size_, gone.size_);
    return *this;
  }
  // Not even cudaFree(nullptr) is allowed while a stream is captured.
  ~device_buffer() {
    if (data_ != nullptr) static_cast<void>(cudaFree(data_));
  }

  std::size_t size() const { return size_; }
  T* data() const { return data_; }

  //! Room for n elements, whose values are undefined; what was there before is given back.
  [[nodiscard]] cudaError_t allocate(std::size_t n) {
    device_buffer fresh;
    if (n != 0) {
      void* memory = nullptr;
      const cudaError_t error = cudaMalloc(&memory, n * sizeof(T));
      if (error != cudaSuccess) return error;
      fresh.data_ = static_cast<T*>(memory);
      fresh.size_ = n;
    }
    *this = std::move(fresh);
    return cudaSuccess;
  }

  //! @name Done on the device when the call returns, for every stream. @pre n <= size()
  //! @{
  [[nodiscard]] cudaError_t write(const T* from, std::size_t n) {
    return done(cudaMemcpy(data_, from, n * sizeof(T), cudaMemcpyHostToDevice));
  }
  [[nodiscard]] cudaError_t read(T* to, std::size_t n) const {
    return cudaMemcpy(to, data_, n * sizeof(T), cudaMemcpyDeviceToHost);
  }
  [[nodiscard]] cudaError_t zero() { return done(cudaMemset(data_, 0, size_ * sizeof(T))); }
  //! @}

 private:
  //! CUDA's call may return while the default stream is still at it, and streams that were made not
  //! to wait for that one would not.
  static cudaError_t done(cudaError_t error) {
    return error == cudaSuccess ? cudaStreamSynchronize(nullptr) : error;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
