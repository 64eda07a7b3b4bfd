// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Calls that wait for a stream, which must not be captured meanwhile.
#pragma once

#include <gradsieve/config.hpp>

#include <cuda_runtime.h>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! cudaErrorStreamCaptureUnsupported where waiting for `stream` would spoil a capture, be it of
//! this stream or, for the default stream, of one that waits for it. Asking spoils no capture, and
//! leaves no error behind.
inline cudaError_t cannot_wait(cudaStream_t stream) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  const cudaError_t error = cudaStreamIsCapturing(stream, &status);
  if (error != cudaSuccess && error != cudaErrorStreamCaptureImplicit) return error;
  // An answer, not a failure: whoever asks next for the last error must not find it.
  if (error == cudaErrorStreamCaptureImplicit) static_cast<void>(cudaGetLastError());
  return error == cudaSuccess && status == cudaStreamCaptureStatusNone
             ? cudaSuccess
             : cudaErrorStreamCaptureUnsupported;
}

//! The same in words.
inline const char* why_cannot_wait(cudaError_t error) {
  return error == cudaErrorStreamCaptureUnsupported
             ? "a stream is being captured into a graph, and this call waits: call it before or "
               "after"
             : "the stream does not say whether it is being captured";
}

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
