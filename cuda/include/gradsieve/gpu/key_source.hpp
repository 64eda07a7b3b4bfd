// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A batch's losses as the keys that the ledger has left of them.
#pragma once

#include <gradsieve/gpu/memory.hpp>
#include <gradsieve/key/loss_key.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! A batch as `loss_source`, of keys that `settle_kernel` wrote: `key_retired` stands for an
//! example that is retired, or not in the ledger, and so is never selected and enters no window.
struct key_source {
  const loss_key* keys = nullptr;  //!< aligned to 16 bytes
  loss_key replacement = key_never;

  //! @pre i is in the batch
  __device__ loss_key key(std::uint32_t i) const { return keys[i]; }
  __device__ loss_key accepted(std::uint32_t i) const { return accept(keys[i]); }

  //! As `loss_source::read`; those left out are counted where they were found.
  __device__ void read(std::uint32_t first, std::uint32_t n, loss_key (&out)[4],
                       std::uint32_t& rejected) const {
    if (first + 4 <= n) {
      const uint4 raw = load_streaming(reinterpret_cast<const uint4*>(keys + first));
      memcpy(out, &raw, sizeof raw);
    } else {
#pragma unroll
      for (unsigned c = 0; c < 4; ++c) out[c] = first + c < n ? keys[first + c] : key_retired;
    }
#pragma unroll
    for (unsigned c = 0; c < 4; ++c) {
      rejected += is_finite(out[c]) || out[c] == key_retired ? 0u : 1u;
      out[c] = accept(out[c]);
    }
  }

 private:
  __device__ loss_key accept(loss_key found) const {
    return is_finite(found) ? found : found == key_retired ? key_never : replacement;
  }
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
