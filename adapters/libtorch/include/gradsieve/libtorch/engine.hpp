// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a sieve over tensors needs done on a device, and where kernels sign up to do it.
#pragma once

#include <gradsieve/libtorch/tensors.hpp>
#include <gradsieve/sieve.hpp>

#include <atomic>
#include <memory>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

//! A selection of a size known beforehand; see `basic_sieve::pick_static`.
struct static_selection {
  at::Tensor index;  //!< [size], int64: positions, ascending, then the first again
  at::Tensor kept;   //!< [size], bool: false where `index` only fills up
};

namespace detail {

enum class visit : std::uint8_t { observe, refresh, record };

//! The sieve of one device. Tensors that go in were checked: packed, on the device, ids of int64.
class engine {
 public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  virtual at::Device device() const = 0;
  virtual at::Tensor pick(const at::Tensor& losses, const pick_options& where) = 0;
  virtual at::Tensor pick(const at::Tensor& ids, const at::Tensor& losses,
                          const pick_options& where) = 0;
  virtual at::Tensor pick_ids(const at::Tensor& ids, const at::Tensor& losses,
                              const pick_options& where) = 0;
  virtual static_selection pick_static(const at::Tensor& losses, std::int64_t size,
                                       const pick_options& where) = 0;
  virtual at::Tensor probabilities() = 0;
  virtual at::Tensor selection_weights(normalisation scale, const weight_options& options) = 0;
  virtual at::Tensor weights(const at::Tensor& losses) = 0;
  virtual void visit(detail::visit what, const at::Tensor& ids, const at::Tensor& losses) = 0;
  virtual void retire(const at::Tensor& ids) = 0;
  virtual void begin_epoch(std::uint32_t epoch) = 0;
  virtual at::Tensor plan(std::uint32_t epoch) = 0;
  virtual at::Tensor plan_refresh() = 0;
  virtual work_counters work() = 0;
  virtual std::vector<std::byte> save() = 0;
  virtual void load(std::span<const std::byte> bytes) = 0;
};

template <class Selector>
using engine_maker = std::unique_ptr<engine> (*)(const sieve_options&, const at::Device&,
                                                 const Selector&);

//! Makes engines for CUDA devices; null until a file with kernels in it signs up.
template <class Selector>
inline std::atomic<engine_maker<Selector>> cuda_engines{nullptr};

}  // namespace detail

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
