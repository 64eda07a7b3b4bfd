// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file State of the sieve on a device: its way from and to the host; and what all calls refuse.
#pragma once

#include <gradsieve/gpu/key_source.hpp>
#include <gradsieve/gpu/sieve_memory.hpp>
#include <gradsieve/gpu/weights.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The part of `basic_sieve` that makes no decision. The classes that follow it, a topic each, add
//! calls to it and to no other object; their public members are the sieve's.
template <selector Selector>
class sieve_base : public sieve_memory<Selector> {
 public:
  using memory = sieve_memory<Selector>;
  using memory::ready, memory::options;

  //! Tells the epoch to the schedules from the next pick on.
  [[nodiscard]] cudaError_t begin_epoch(std::uint32_t epoch, cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check_device(); bad != cudaSuccess) return bad;
    return launch(epoch_kernel{state_.data(), epoch}, 1, stream);
  }

  //! @name State: the host's bytes, so that a run moves between the two and goes on bit for bit
  //! @{

  //! Waits for `stream`. @param bytes  host memory; left alone in case of an error
  [[nodiscard]] cudaError_t save(std::vector<std::byte>& bytes, cudaStream_t stream = nullptr) {
    if (cudaError_t bad = wait_for(stream); bad != cudaSuccess) return bad;
    return with_host_memory([&] {
      sieve_state state;
      gradsieve::detail::buffer<loss_key> ring(view_.history);
      cudaError_t error = state_.read(&state, 1);
      if (error == cudaSuccess) error = ring_.read(ring.data(), ring.size());
      if (error == cudaSuccess) error = examples_.download(*host_);
      if (error != cudaSuccess) return error;
      to_host(state, ring.view(), *host_);
      bytes = host_->save();
      return cudaSuccess;
    });
  }

  //! Waits for `stream`. Graphs captured before hold the old tables: capture them again.
  //!
  //! An error leaves all as it was, unless memory or the device fails half way: then the sieve is
  //! not `ready()` any more.
  //! @throws state_error as the host's `load`; nothing is changed then.
  [[nodiscard]] cudaError_t load(std::span<const std::byte> bytes, cudaStream_t stream = nullptr) {
    if (cudaError_t bad = wait_for(stream); bad != cudaSuccess) return bad;
    bool begun = false;
    const cudaError_t error = with_host_memory([&] {
      auto loaded = *host_;
      loaded.load(bytes);
      begun = true;
      *host_ = std::move(loaded);
      return upload();
    });
    if (error != cudaSuccess && begun) host_.reset();
    return error;
  }
  //! @}

  //! A copy of the counters, in host memory; waits for `stream`.
  [[nodiscard]] cudaError_t read_state(sieve_state& state, cudaStream_t stream = nullptr) {
    if (cudaError_t bad = wait_for(stream); bad != cudaSuccess) return bad;
    return state_.read(&state, 1);
  }

 protected:
  using memory::refuse, memory::upload, memory::host_, memory::state_, memory::ring_, memory::sums_,
      memory::examples_, memory::view_, memory::max_batch_, memory::blocks_, memory::device_,
      memory::message_;

  template <class T>
  static bool usable(const T* pointer) {
    return pointer != nullptr && reinterpret_cast<std::uintptr_t>(pointer) % alignof(T) == 0;
  }

  //! Begins every call: what an earlier one was told is no longer true.
  cudaError_t check_device() {
    message_ = "";
    if (!ready()) return refuse("the sieve was not created");
    int current = 0;
    if (cudaError_t error = cudaGetDevice(&current); error != cudaSuccess) {
      return refuse("there is no device", error);
    }
    if (current != device_) {
      return refuse("another device is current than the one the sieve was created on",
                    cudaErrorInvalidDevice);
    }
    return cudaSuccess;
  }

  cudaError_t wait_for(cudaStream_t stream) {
    if (cudaError_t bad = check_device(); bad != cudaSuccess) return bad;
    if (cudaError_t bad = cannot_wait(stream); bad != cudaSuccess) {
      return refuse(why_cannot_wait(bad), bad);
    }
    return cudaStreamSynchronize(stream);
  }

  template <class T, class Out>
  cudaError_t check(const T* in, std::size_t n, const Out* out) {
    if (cudaError_t bad = check_device(); bad != cudaSuccess) return bad;
    if (n > max_batch_) return refuse("n is above max_batch");
    if (n != 0 && !usable(in)) {
      return refuse("losses or probabilities: null, or not aligned to their type");
    }
    if (n != 0 && !usable(out)) return refuse("the output: null, or not aligned to its type");
    return cudaSuccess;
  }
  template <class T, class Out>
  cudaError_t check(const T* in, std::size_t n, const Out* out, const std::uint32_t* count) {
    if (cudaError_t bad = check(in, n, out); bad != cudaSuccess) return bad;
    return usable(count) ? cudaSuccess : refuse("count: null, or not aligned to 4 bytes");
  }
  template <class T, class Out>
  cudaError_t check(const T* losses, std::size_t n, const Out* out, const std::uint32_t* count,
                    const pick_options& where, bool by_id = false) {
    if (cudaError_t bad = check(losses, n, out, count); bad != cudaSuccess) return bad;
    if (!where.groups.empty()) return refuse("groups have no meaning on the device");
    if (!by_id && options().keying == draw_by::id) {
      return refuse("draws are keyed by id: call pick_ids");
    }
    return cudaSuccess;
  }

  cudaError_t check_ledger(const std::int64_t* ids, std::size_t n) {
    if (cudaError_t bad = check_device(); bad != cudaSuccess) return bad;
    if (!examples_.has_ledger()) return refuse("the sieve has no ledger; set .examples");
    return n == 0 || usable(ids) ? cudaSuccess : refuse("ids: null, or not aligned to 8 bytes");
  }
  cudaError_t check_plans() {
    if (cudaError_t bad = check_ledger(nullptr, 0); bad != cudaSuccess) return bad;
    return examples_.has_plans() ? cudaSuccess
                                 : refuse("the sieve makes no plans; set device_options::plans");
  }

  template <class T>
  loss_source<T> source_of(const T* losses) const {
    const bool select = options().on_non_finite == non_finite::select;
    return detail::source_of(losses, select ? key_always : key_never);
  }

  std::uint32_t blocks_for(std::size_t n) const {
    const std::uint32_t tiles = tiles_of(n);
    return tiles < blocks_ ? tiles : blocks_;
  }

  ordered_sums sums() const { return {sums_.data(), &view_.state->arrived}; }
  double* factor() const { return sums_.data() + sums_.size() - 1; }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
