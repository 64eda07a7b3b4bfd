// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The ledger on the device: 8 bytes an example, the host's entries, changed by many threads
//! at once with the result of the host's loop.
#pragma once

#include <gradsieve/gpu/device_buffer.hpp>
#include <gradsieve/gpu/ledger_kernels.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu {

//! The last loss of each of n examples with the ids 0 … n - 1, on the device: what
//! `gradsieve::loss_ledger` holds, and after the same calls the same bits.
//!
//! Of several losses for one id in a batch, the last finite one wins; each counts as a visit. A
//! kernel cannot throw: an id outside the ledger changes nothing and is counted in
//! `sieve_state::faults`. Calls enqueue kernels, one thread an example, whose accesses to the
//! ledger are random: 32 bytes read and 32 written for each. No synchronisation, no allocation.
class device_ledger {
 public:
  //! Room for so many examples, all unseen.
  [[nodiscard]] cudaError_t allocate(std::uint64_t examples) {
    const cudaError_t error = words_.allocate(examples);
    if (error != cudaSuccess || examples == 0) return error;
    const unsigned blocks =
        examples < 1024 * detail::ledger_threads ? detail::ledger_blocks(examples) : 1024u;
    const cudaError_t launched = detail::launch(detail::unseen_kernel{ref()}, blocks, nullptr);
    // Streams that do not wait for this one must find it done.
    return launched == cudaSuccess ? cudaStreamSynchronize(nullptr) : launched;
  }

  std::uint64_t examples() const { return words_.size(); }
  detail::ledger_ref ref() const { return {words_.data(), words_.size()}; }

  //! Records a visit of each id at the state's epoch, as `loss_ledger::observe` in the order of the
  //! batch. Two launches, and two more for each further 2^23 examples.
  //! @param keys  for a pick: room for n, gets what is to be decided on (see `key_source`)
  template <loss_value T>
  [[nodiscard]] cudaError_t observe(sieve_state* state, const std::int64_t* ids, const T* losses,
                                    std::size_t n, visit_kind kind, cudaStream_t stream,
                                    loss_key* keys = nullptr,
                                    std::uint32_t piece = detail::most_codes) const {
    for (std::size_t done = 0; done < n; done += piece) {
      const auto size = static_cast<std::uint32_t>(n - done < piece ? n - done : piece);
      const unsigned blocks = detail::ledger_blocks(size);
      const detail::visit_kernel<T> visit{ref(), state, ids + done, losses + done, size, kind};
      cudaError_t error = detail::launch(visit, blocks, stream);
      if (error != cudaSuccess) return error;
      loss_key* out = keys != nullptr ? keys + done : nullptr;
      const detail::settle_kernel<T> settle{ref(), state, ids + done, losses + done, out, size};
      error = detail::launch(settle, blocks, stream);
      if (error != cudaSuccess) return error;
    }
    return cudaSuccess;
  }

  //! Counts a selection of each of the first `*count` ids. One launch.
  //! @param count  in device memory; null: n.  @param n  no less than the count
  [[nodiscard]] cudaError_t select(const std::int64_t* ids, const std::uint32_t* count,
                                   std::uint32_t n, cudaStream_t stream) const {
    if (n == 0) return cudaSuccess;
    return detail::launch(detail::select_kernel{ref(), ids, count, n}, detail::ledger_blocks(n),
                          stream);
  }

  //! Takes examples out for good: no plan and no pick selects them, and no loss brings them back.
  //! One launch for each 2^31 ids.
  [[nodiscard]] cudaError_t retire(sieve_state* state, const std::int64_t* ids, std::size_t n,
                                   cudaStream_t stream) const {
    return in_pieces(n, stream, [&](std::size_t done, std::uint32_t size) {
      return detail::retire_kernel{ref(), state, ids + done, size};
    });
  }

  //! Writes the epochs since each id's last visit, modulo 4096. One launch for each 2^31 ids.
  [[nodiscard]] cudaError_t ages(const sieve_state* state, const std::int64_t* ids, std::size_t n,
                                 std::uint32_t* ages, cudaStream_t stream) const {
    return in_pieces(n, stream, [&](std::size_t done, std::uint32_t size) {
      return detail::age_kernel{ref(), state, ids + done, size, ages + done};
    });
  }

  //! @name Copies of all entries, as words; done when the call returns
  //! @{
  [[nodiscard]] cudaError_t write(std::span<const std::uint64_t> words) {
    return words_.write(words.data(), words.size());
  }
  [[nodiscard]] cudaError_t read(std::span<std::uint64_t> words) const {
    return words_.read(words.data(), words.size());
  }
  //! @}

 private:
  template <class KernelFor>
  static cudaError_t in_pieces(std::size_t n, cudaStream_t stream, KernelFor kernel_for) {
    constexpr std::size_t piece = std::size_t{1} << 31;
    for (std::size_t done = 0; done < n; done += piece) {
      const auto size = static_cast<std::uint32_t>(n - done < piece ? n - done : piece);
      const auto error =
          detail::launch(kernel_for(done, size), detail::ledger_blocks(size), stream);
      if (error != cudaSuccess) return error;
    }
    return cudaSuccess;
  }

  device_buffer<std::uint64_t> words_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu
