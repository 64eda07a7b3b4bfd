// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Arrays that a test keeps on the device, and calls that must succeed.
#pragma once

#include <gradsieve/gpu/device_buffer.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace device {

inline void check(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
}

//! What n elements of device memory hold.
template <class T>
std::vector<T> copy(const T* from, std::size_t n) {
  std::vector<T> values(n);
  check(cudaMemcpy(values.data(), from, n * sizeof(T), cudaMemcpyDeviceToHost));
  return values;
}

//! A copy of host values on the device.
template <class T>
class array {
 public:
  explicit array(std::size_t n) : size_(n) { check(memory_.allocate(n + 1)); }
  explicit array(const std::vector<T>& values) : array(values.size()) { assign(values); }

  T* data() const { return memory_.data(); }
  std::size_t size() const { return size_; }
  void assign(const std::vector<T>& values) { check(memory_.write(values.data(), values.size())); }
  std::vector<T> first(std::size_t n) const {
    std::vector<T> values(n);
    check(memory_.read(values.data(), n));
    return values;
  }
  std::vector<T> values() const { return first(size_); }
  T operator[](std::size_t i) const { return first(i + 1)[i]; }

 private:
  gradsieve::gpu::device_buffer<T> memory_;
  std::size_t size_;
};

}  // namespace device
