// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Weights from a sieve on a device.
#pragma once

#include <gradsieve/gpu/sieve_base.hpp>

namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail {

//! The calls of `basic_sieve` that weigh: what was selected, or a whole batch.
template <selector Selector>
class sieve_weights : public sieve_base<Selector> {
 public:
  //! @name Weights
  //! @{

  //! The probability with which each example of the last pick was to be selected, as the host's to
  //! the bit; 1 while everything is. One launch, O(count log H).
  //! @param losses     the n losses of that pick
  //! @param positions  what it wrote; for a position of n or more the probability is 0
  //! @param count      how many they are, on the device
  //! @param out        room for as many, at most n
  template <loss_value T>
  [[nodiscard]] cudaError_t probabilities(const T* losses, std::size_t n,
                                          const std::uint32_t* positions,
                                          const std::uint32_t* count, float* out,
                                          cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check(losses, n, out, count); bad != cudaSuccess) return bad;
    if (n != 0 && !usable(positions)) return refuse("positions: null, or not aligned to 4 bytes");
    const auto source = source_of(losses);
    const auto inclusion = engine_.inclusion(rule_.view());
    const auto most = static_cast<std::uint32_t>(n);
    const detail::probability_kernel<std::remove_const_t<decltype(source)>,
                                     std::remove_const_t<decltype(inclusion)>>
        kernel{view_, source, inclusion, most, positions, count, out};
    return detail::launch(kernel, blocks_for(n), stream);
  }

  //! Weights of selected examples from their probabilities, normalised as the host's. `none` and
  //! `unbiased` are the host's to the bit; the others are sums in a fixed order, which is not the
  //! host's: each weight is within one unit in the last place of the host's for up to 2^28
  //! examples, and always the same, whatever the device. A probability that nothing selected can
  //! have had gets weight 0. One launch, or two where a sum is needed. O(count).
  //!
  //! `unbiased` is refused under a policy that is 0 somewhere, also while everything is selected.
  //! @param most  room in `out`, at least `*count` and at most max_batch
  [[nodiscard]] cudaError_t selection_weights(const float* probabilities,
                                              const std::uint32_t* count, std::size_t most,
                                              normalisation scale, float* out,
                                              const weight_options& options = {},
                                              cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check(probabilities, most, out, count); bad != cudaSuccess) return bad;
    if (!gradsieve::detail::is_at_least_zero(options.cap)) {
      return refuse("weights: the cap must not be negative");
    }
    if (scale == normalisation::unbiased && host_->compiled().least_mass() == 0) {
      return refuse("weights: unbiased weights need a policy that is positive everywhere");
    }
    const auto room = static_cast<std::uint32_t>(most);
    const detail::weigh_kernel raw{sums(), factor(), probabilities, count,
                                   room,   scale,    options.cap,   out};
    cudaError_t error = detail::launch(raw, blocks_for(most), stream);
    if (error != cudaSuccess || !gradsieve::detail::is_scaled(scale)) return error;
    const detail::scale_kernel scaled{factor(), count, room, out};
    return detail::launch(scaled, blocks_for(most), stream);
  }

  //! A step in which nothing is dropped: one weight for each example, its probability over the
  //! batch's mean, as the host's `weights`, within one unit in the last place. Two launches,
  //! O(n log H).
  //! @param out  room for n
  template <loss_value T>
  [[nodiscard]] cudaError_t weights(const T* losses, std::size_t n, float* out,
                                    cudaStream_t stream = nullptr) {
    if (cudaError_t bad = check(losses, n, out); bad != cudaSuccess) return bad;
    const auto source = source_of(losses);
    using source_type = std::remove_const_t<decltype(source)>;
    const auto size = static_cast<std::uint32_t>(n);
    const detail::share_kernel<source_type> shares{view_,    source, rule_.view(), sums(),
                                                   factor(), size,   out};
    const cudaError_t error = detail::launch(shares, blocks_for(n), stream);
    if (error != cudaSuccess) return error;
    const detail::share_scale_kernel<source_type> scaled{source, factor(), size, out};
    return detail::launch(scaled, blocks_for(n), stream);
  }
  //! @}

 protected:
  using base = sieve_base<Selector>;
  using base::refuse, base::usable, base::check, base::source_of, base::blocks_for, base::sums,
      base::factor, base::host_, base::rule_, base::engine_, base::view_;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI::gpu::detail
