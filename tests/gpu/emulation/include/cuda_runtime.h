// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Stands in for CUDA's header of this name: what our device code and its tests use of it.
#pragma once

#include "gpu/emulation/emulation.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#define GRADSIEVE_GPU_EMULATED 1

#define __host__
#define __device__
#define __global__
#define __forceinline__ inline

#define threadIdx (::emulation::here().thread)
#define blockIdx (::emulation::here().block)
#define blockDim (::emulation::here().block_size)
#define gridDim (::emulation::here().grid)

struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};

//! @name Threads of a block and of a warp
//! @{
inline void __syncthreads() { ::emulation::sync_block(); }
inline void __syncwarp(unsigned = ~0u) { ::emulation::sync_warp(); }

namespace emulation {
template <class T>
T exchange_value(T value, unsigned source) {
  static_assert(sizeof(T) <= 8);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(bits, source);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline unsigned lane() { return here().thread.x % 32; }
}  // namespace emulation

template <class T>
T __shfl_sync(unsigned, T value, unsigned source) {
  return ::emulation::exchange_value(value, source);
}
template <class T>
T __shfl_up_sync(unsigned, T value, unsigned distance) {
  const unsigned lane = ::emulation::lane();
  return ::emulation::exchange_value(value, lane >= distance ? lane - distance : lane);
}
template <class T>
T __shfl_xor_sync(unsigned, T value, unsigned mask) {
  return ::emulation::exchange_value(value, ::emulation::lane() ^ mask);
}
inline unsigned __ballot_sync(unsigned, bool vote) { return ::emulation::ballot(vote); }
inline bool __any_sync(unsigned, bool vote) { return ::emulation::ballot(vote) != 0; }
//! @}

//! @name Arithmetic and memory
//! @{
inline int __popc(unsigned value) { return std::popcount(value); }
inline int __ffs(int value) {
  return value == 0 ? 0 : std::countr_zero(static_cast<unsigned>(value)) + 1;
}

template <class T>
T atomicAdd(T* at, T value) {
  ::emulation::yield();
  const T before = *at;
  *at = before + value;
  return before;
}
template <class T>
T atomicMax(T* at, T value) {
  ::emulation::yield();
  const T before = *at;
  *at = std::max(before, value);
  return before;
}
template <class T>
T atomicCAS(T* at, T expected, T value) {
  ::emulation::yield();
  const T before = *at;
  if (before == expected) *at = value;
  return before;
}
template <class T>
T atomicExch(T* at, T value) {
  ::emulation::yield();
  const T before = *at;
  *at = value;
  return before;
}
//! @}

//! @name The runtime's calls: device memory is host memory, work is done when a call returns
//! @{
enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorNotReady = 600,
  cudaErrorNotSupported = 801,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureImplicit = 906
};
using cudaStream_t = struct emulated_stream*;
using cudaEvent_t = struct emulated_event*;
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDefault };
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount, cudaDevAttrMaxSharedMemoryPerBlockOptin };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize };

inline const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaSuccess ? "no error" : "an error of the emulated runtime";
}

inline cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  *memory = ::emulation::allocate(bytes);
  return *memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}
template <class T>
cudaError_t cudaMalloc(T** memory, std::size_t bytes) {
  return cudaMalloc(reinterpret_cast<void**>(memory), bytes);
}
inline cudaError_t cudaFree(void* memory) {
  ::emulation::release(memory);
  return cudaSuccess;
}
inline cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  return cudaMalloc(memory, bytes);
}
inline cudaError_t cudaFreeHost(void* memory) { return cudaFree(memory); }
inline cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
  ::emulation::copy(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes,
                                   cudaMemcpyKind kind, cudaStream_t = nullptr) {
  return cudaMemcpy(to, from, bytes, kind);
}
inline cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  if (bytes != 0) std::memset(to, value, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t = nullptr) {
  return cudaMemset(to, value, bytes);
}
inline cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
inline cudaError_t cudaGetLastError() { return cudaSuccess; }

//! When an event was recorded, counted in all events' records.
struct emulated_event {
  std::uint64_t record = 0;
};

namespace emulation {
//! Events pass at once unless the last `behind` records are said not to have happened yet. With
//! `capturing`, streams say that they are; launches run all the same, as a first replay would.
struct timeline {
  std::uint64_t records = 0, behind = 0, waits = 0;
  bool capturing = false;
};
inline timeline& events() {
  static timeline all;
  return all;
}
}  // namespace emulation

inline constexpr unsigned cudaEventDisableTiming = 2;
inline cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new emulated_event;
  return cudaSuccess;
}
inline cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t = nullptr) {
  event->record = ++::emulation::events().records;
  return cudaSuccess;
}
inline cudaError_t cudaEventQuery(cudaEvent_t event) {
  const ::emulation::timeline& all = ::emulation::events();
  return event->record + all.behind > all.records ? cudaErrorNotReady : cudaSuccess;
}
inline cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (cudaEventQuery(event) != cudaSuccess) ++::emulation::events().waits;
  return cudaSuccess;
}

inline cudaError_t cudaStreamSynchronize(cudaStream_t) {
  return ::emulation::events().capturing ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}
enum cudaStreamCaptureStatus { cudaStreamCaptureStatusNone, cudaStreamCaptureStatusActive };
inline cudaError_t cudaStreamIsCapturing(cudaStream_t, cudaStreamCaptureStatus* status) {
  *status =
      ::emulation::events().capturing ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}

namespace emulation {
//! What the next calls of cudaGetDevice answer, for tests of what happens elsewhere.
struct devices {
  int count = 1, current = 0;
  int multiprocessors = 2;
};
inline devices& device_list() {
  static devices all;
  return all;
}
}  // namespace emulation

inline cudaError_t cudaGetDevice(int* device) {
  *device = ::emulation::device_list().current;
  return ::emulation::device_list().count == 0 ? cudaErrorNoDevice : cudaSuccess;
}
inline cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  *value = attribute == cudaDevAttrMultiProcessorCount ? ::emulation::device_list().multiprocessors
                                                       : 227 * 1024;
  return cudaSuccess;
}
//! @}
