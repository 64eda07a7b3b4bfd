// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Stands in for CUDA's header of this name: what our device code and its tests use of it.
#pragma once

#include "gpu/emulation/emulation.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#define GRADSIEVE_GPU_EMULATED 1

#define __host__
#define __device__
#define __global__
#define __forceinline__ inline

#define threadIdx (::emulation::here().thread)
#define blockIdx (::emulation::here().block)
#define blockDim (::emulation::here().block_size)
#define gridDim (::emulation::here().grid)

struct dim3 {
  explicit dim3(unsigned wanted) : x(wanted) {}
  unsigned x, y = 1, z = 1;
};
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
struct emulated_stream {};
using cudaStream_t = emulated_stream*;
using cudaEvent_t = struct emulated_event*;
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDefault };
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount, cudaDevAttrMaxSharedMemoryPerBlockOptin };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize };

namespace emulation {
//! Events pass at once unless the last `behind` records are said not to have happened yet. With
//! `capturing`, streams say that they are; launches run all the same, as a first replay would. With
//! `captured_elsewhere`, the default stream says that it would wait for one that is. A call that no
//! capture allows sets `spoilt` meanwhile.
struct timeline {
  std::uint64_t records = 0, behind = 0, waits = 0;
  bool capturing = false, captured_elsewhere = false, spoilt = false;
};
inline timeline& events() {
  static timeline all;
  return all;
}
inline void spoils_captures() {
  if (events().capturing) events().spoilt = true;
}
}  // namespace emulation

namespace emulation {
//! What the last call that failed returned, kept until somebody asks: one for each process here.
inline cudaError_t& last_error() {
  static cudaError_t error = cudaSuccess;
  return error;
}
//! Each call of the runtime returns through this.
inline cudaError_t told(cudaError_t error) {
  if (error != cudaSuccess) last_error() = error;
  return error;
}
}  // namespace emulation

inline cudaError_t cudaGetLastError() {
  return std::exchange(::emulation::last_error(), cudaSuccess);
}
inline cudaError_t cudaPeekAtLastError() { return ::emulation::last_error(); }
inline const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaSuccess ? "no error" : "an error of the emulated runtime";
}

inline cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  ::emulation::spoils_captures();
  *memory = ::emulation::allocate(bytes);
  return ::emulation::told(*memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess);
}
template <class T>
cudaError_t cudaMalloc(T** memory, std::size_t bytes) {
  return cudaMalloc(reinterpret_cast<void**>(memory), bytes);
}
inline cudaError_t cudaFree(void* memory) {
  ::emulation::spoils_captures();
  ::emulation::release(memory);
  return cudaSuccess;
}
inline cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  return cudaMalloc(memory, bytes);
}
inline cudaError_t cudaFreeHost(void* memory) { return cudaFree(memory); }
inline cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
  ::emulation::spoils_captures();
  ::emulation::copy(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                                   cudaStream_t = nullptr) {
  ::emulation::copy(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  ::emulation::spoils_captures();
  if (bytes != 0) std::memset(to, value, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t = nullptr) {
  if (bytes != 0) std::memset(to, value, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaDeviceSynchronize() {
  ::emulation::spoils_captures();
  return cudaSuccess;
}

//! When an event was recorded, counted in all events' records.
struct emulated_event {
  std::uint64_t record = 0;
};

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
  ::emulation::spoils_captures();
  const ::emulation::timeline& all = ::emulation::events();
  return ::emulation::told(event->record + all.behind > all.records ? cudaErrorNotReady
                                                                    : cudaSuccess);
}
inline cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  ::emulation::spoils_captures();
  const ::emulation::timeline& all = ::emulation::events();
  if (event->record + all.behind > all.records) ++::emulation::events().waits;
  return cudaSuccess;
}

inline cudaError_t cudaStreamSynchronize(cudaStream_t) {
  ::emulation::spoils_captures();
  return ::emulation::told(::emulation::events().capturing ? cudaErrorStreamCaptureUnsupported
                                                           : cudaSuccess);
}
enum cudaStreamCaptureStatus { cudaStreamCaptureStatusNone, cudaStreamCaptureStatusActive };
inline cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const ::emulation::timeline& all = ::emulation::events();
  *status = all.capturing ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return ::emulation::told(
      stream == nullptr && all.captured_elsewhere ? cudaErrorStreamCaptureImplicit : cudaSuccess);
}

namespace emulation {
//! What the next calls of cudaGetDevice answer, for tests of what happens elsewhere.
struct devices {
  int count = 1, current = 0;
  int multiprocessors = 2;
  int most_shared = 227 * 1024;  //!< bytes that a block can be allowed; an H100's
};
inline devices& device_list() {
  static devices all;
  return all;
}
}  // namespace emulation

inline cudaError_t cudaSetDevice(int device) {
  ::emulation::devices& all = ::emulation::device_list();
  if (device < 0 || device >= all.count) return ::emulation::told(cudaErrorInvalidDevice);
  all.current = device;
  return cudaSuccess;
}
inline cudaError_t cudaGetDevice(int* device) {
  *device = ::emulation::device_list().current;
  return ::emulation::told(::emulation::device_list().count == 0 ? cudaErrorNoDevice : cudaSuccess);
}
inline cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  const ::emulation::devices& all = ::emulation::device_list();
  *value = attribute == cudaDevAttrMultiProcessorCount ? all.multiprocessors : all.most_shared;
  return cudaSuccess;
}
//! @}

//! @name Launches: done when a call returns
//! @{
template <class Kernel>
cudaError_t cudaFuncSetAttribute(void (*)(Kernel), cudaFuncAttribute, int bytes) {
  return ::emulation::told(bytes > ::emulation::device_list().most_shared ? cudaErrorInvalidValue
                                                                          : cudaSuccess);
}
//! A processor holds one block: more than one never runs on it here.
template <class Kernel>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void (*)(Kernel), int,
                                                          std::size_t) {
  *blocks = 1;
  return cudaSuccess;
}
template <class Kernel>
cudaError_t cudaLaunchKernel(void (*)(Kernel), dim3 blocks, dim3 threads, void** arguments,
                             std::size_t shared_bytes, cudaStream_t) {
  if (blocks.x == 0) return ::emulation::told(cudaErrorInvalidConfiguration);
  ::emulation::run(
      blocks.x, threads.x, shared_bytes,
      [](const void* self, void* shared) { (*static_cast<const Kernel*>(self))(shared); },
      arguments[0]);
  return cudaSuccess;
}
//! @}
