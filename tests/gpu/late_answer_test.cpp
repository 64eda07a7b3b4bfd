// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/gpu/late_answer.hpp>

#include "catch.hpp"
#include "gpu/device_array.hpp"

namespace {

using answers = gradsieve::gpu::detail::late_answers<int>;

//! As a kernel would: the k-th answer, from 0 on.
void give(answers& to, int k, int value) {
  to.slots()[static_cast<std::size_t>(k) % answers::depth] = value;
  device::check(to.record(nullptr));
}

}  // namespace

TEST_CASE("late answers: before the first there is none", "[gpu]") {
  answers late;
  device::check(late.create());
  int answer = -1;
  CHECK(late.poll(answer) == cudaSuccess);
  CHECK(late.wait(answer, 0) == cudaSuccess);
  CHECK(answer == -1);
  give(late, 0, 10);
  CHECK(late.wait(answer, 1) == cudaSuccess);
  CHECK(answer == -1);
  CHECK(late.wait(answer, 0) == cudaSuccess);
  CHECK(answer == 10);
}

TEST_CASE("late answers: those that are not kept any more are refused", "[gpu]") {
  answers late;
  device::check(late.create());
  for (int k = 0; k < 9; ++k) give(late, k, 10 * k);
  int answer = -1;
  for (int ago = 0; ago < static_cast<int>(answers::depth); ++ago) {
    CHECK(late.wait(answer, static_cast<std::uint64_t>(ago)) == cudaSuccess);
    CHECK(answer == 10 * (8 - ago));
  }
  CHECK(late.wait(answer, answers::depth) == cudaErrorInvalidValue);
  // Three answers at once: the two in between have no event.
  late.slots()[11 % answers::depth] = 110;
  device::check(late.record(nullptr, 3));
  CHECK(late.wait(answer, 1) == cudaErrorInvalidValue);
  CHECK(late.wait(answer, 0) == cudaSuccess);
  CHECK(answer == 110);
  answer = -1;
  CHECK(late.poll(answer) == cudaSuccess);
  CHECK(answer == 110);
}

#if defined(GRADSIEVE_GPU_EMULATED)
TEST_CASE("late answers: what has not passed is neither read nor waited for", "[gpu]") {
  answers late;
  device::check(late.create());
  emulation::events() = {};
  static_cast<void>(cudaGetLastError());
  for (int k = 0; k < 6; ++k) {
    give(late, k, 10 * k);
    int answer = -1;
    for (std::uint64_t behind = 0; behind < 6; ++behind) {
      emulation::events().behind = behind;
      answer = -1;
      CHECK(late.poll(answer) == cudaSuccess);
      CHECK(cudaPeekAtLastError() == cudaSuccess);
      const int newest = k - static_cast<int>(behind);
      const bool kept = behind < answers::depth && newest >= 0;
      CHECK(answer == (kept ? 10 * newest : -1));
    }
    CHECK(emulation::events().waits == 0);
  }
  int answer = -1;
  emulation::events().behind = 1;
  CHECK(late.wait(answer, 1) == cudaSuccess);
  CHECK(emulation::events().waits == 0);
  CHECK(late.wait(answer, 0) == cudaSuccess);
  CHECK(emulation::events().waits == 1);
  emulation::events() = {};
}
#endif
