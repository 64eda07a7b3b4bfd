// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What every call enqueues, and that nothing else happens; tests/gpu/device/graph_test.cpp
//! asks a device for the same.
#include "gpu/every_call.hpp"

#if defined(GRADSIEVE_GPU_EMULATED)
TEST_CASE("every call has its launches, and neither allocates, copies nor waits", "[gpu]") {
  every_call::each_way([](auto sides) {
    sides.round([&](const char* name, int launches, auto enqueue) {
      INFO(name);
      const emulation::counts before = emulation::counted();
      emulation::events() = {.capturing = true};
      const cudaError_t error = enqueue(nullptr);
      const bool spoilt = emulation::events().spoilt;
      emulation::events() = {};
      CHECK(error == cudaSuccess);
      CHECK_FALSE(spoilt);
      CHECK(emulation::counted().launches - before.launches ==
            static_cast<std::uint64_t>(launches));
      CHECK(emulation::counted().allocations == before.allocations);
    });
    sides.on_host();
    CHECK(sides.same());
  });
}
#endif
