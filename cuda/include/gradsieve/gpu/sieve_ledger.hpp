// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The ledger of a sieve on a device.
#pragma once

#include <gradsieve/gpu/sieve_weights.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The calls of `basic_sieve` that tell the ledger, or ask it.
template <selector Selector>
class sieve_ledger : public sieve_weights<Selector> {
 public:
  //! @name The ledger
  //! What the host's calls of these names do. An id that does not exist is passed over and counted
  //! in `sieve_state::faults`. Two launches (two more for each further 2^23 examples), O(n).
  //! @{

  //! Records the losses of examples that were just trained on, and counts the work.
  template <loss_value T>
  [[nodiscard]] cudaError_t observe(const std::int64_t* ids, const T* losses, std::size_t n,
                                    cudaStream_t stream = nullptr) {
    return visit(ids, losses, n, visit_kind::train, stream);
  }
  //! Records the losses of examples that were forwarded without gradient.
  template <loss_value T>
  [[nodiscard]] cudaError_t refresh(const std::int64_t* ids, const T* losses, std::size_t n,
                                    cudaStream_t stream = nullptr) {
    return visit(ids, losses, n, visit_kind::refresh, stream);
  }
  //! Records losses and counts no work.
  template <loss_value T>
  [[nodiscard]] cudaError_t record(const std::int64_t* ids, const T* losses, std::size_t n,
                                   cudaStream_t stream = nullptr) {
    return visit(ids, losses, n, visit_kind::record, stream);
  }
  //! For each id the epochs since its last visit, modulo 4096; `no_age` for one that does not
  //! exist. One launch. @param ages  room for n
  [[nodiscard]] cudaError_t ages(const std::int64_t* ids, std::size_t n, std::uint32_t* ages,
                                 cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check_ledger(ids, n); bad != cudaSuccess) return bad;
    if (n != 0 && !usable(ages)) return refuse("ages: null, or not aligned to 4 bytes");
    return examples_.ledger().ages(state_.data(), ids, n, ages, stream);
  }
  //! Takes examples out for good. One launch.
  [[nodiscard]] cudaError_t retire(const std::int64_t* ids, std::size_t n,
                                   cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check_ledger(ids, n); bad != cudaSuccess) return bad;
    return examples_.ledger().retire(state_.data(), ids, n, stream);
  }
  //! @}

 protected:
  using base = sieve_weights<Selector>;
  using base::refuse, base::usable, base::check_ledger, base::state_, base::examples_;

 private:
  template <class T>
  cudaError_t visit(const std::int64_t* ids, const T* losses, std::size_t n, visit_kind kind,
                    cudaStream_t stream) {
    if (cudaError_t bad = check_ledger(ids, n); bad != cudaSuccess) return bad;
    if (n != 0 && !usable(losses)) return refuse("losses: null, or not aligned to their type");
    return examples_.ledger().observe(state_.data(), ids, losses, n, kind, stream);
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
