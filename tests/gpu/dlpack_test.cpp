// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Tensors of a device, through the DLPack adapter.
#include <gradsieve/dlpack.hpp>
#include <gradsieve/gpu/gather.hpp>
#include <gradsieve/gpu/sieve.hpp>

#include "catch.hpp"
#include "dlpack/tensors.hpp"
#include "gpu/device_array.hpp"

namespace gs = gradsieve;
namespace dlpack = gradsieve::dlpack;

TEST_CASE("dlpack: a device's tensors are picked from and gathered as the host's are", "[gpu]") {
  constexpr std::uint32_t n = 500;
  const gs::sieve_options options{.history = 100, .seed = 5};
  gs::sieve host(options);
  gs::gpu::sieve sieve;
  device::check(sieve.create(options, {.max_batch = n}));
  const auto device = dlpack::cuda(0);
  const dlpack::tensor_device there{dlpack::device_cuda, 0};
  for (std::uint32_t step = 0; step < 4; ++step) {
    std::vector<float> losses(n), inputs(3 * n);
    for (std::uint32_t i = 0; i < n; ++i) losses[i] = static_cast<float>((i * 37 + step) % 101);
    for (std::uint32_t i = 0; i < 3 * n; ++i) inputs[i] = static_cast<float>(i);
    const device::array<float> losses_d(losses), inputs_d(inputs), gathered_d(3 * n);
    const device::array<std::int32_t> positions_d(n), count_d(1);
    const tensors::made loss_tensor(losses_d.data(), {n}, there);
    const tensors::made input_tensor(inputs_d.data(), {n, 3}, there);
    const tensors::made output_tensor(gathered_d.data(), {n, 3}, there);
    const tensors::made position_tensor(positions_d.data(), {n}, there);
    const tensors::made count_tensor(count_d.data(), {1}, there);

    const auto positions = dlpack::positions(position_tensor.get(), device);
    const auto count = dlpack::positions(count_tensor.get(), device);
    device::check(std::visit(
        [&](auto batch) {
          return sieve.pick(batch.data(), batch.size(), positions.data(), count.data());
        },
        dlpack::losses(loss_tensor.get(), device)));
    const dlpack::source_row_span rows = dlpack::source_rows(input_tensor.get(), device);
    const dlpack::row_span out = dlpack::rows(output_tensor.get(), device);
    device::check(gs::gpu::gather_rows(rows.data, rows.row_bytes, positions.data(), count.data(),
                                       out.size, out.data));

    const auto expected = host.pick(losses);
    const auto selected = static_cast<std::size_t>(count_d[0]);
    REQUIRE(selected == expected.size());
    const std::vector<float> gathered = gathered_d.first(3 * selected);
    for (std::size_t j = 0; j < selected; ++j) {
      CHECK(gathered[3 * j + 1] == static_cast<float>(3 * expected.positions()[j] + 1));
    }
  }
}
