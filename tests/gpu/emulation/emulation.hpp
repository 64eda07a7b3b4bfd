// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Runs kernels on the CPU: a fiber for each thread, blocks in any order, side by side.
//!
//! The kernels' own source is compiled by the host's compiler against `include/` beside this file,
//! whose headers stand in for CUDA's and for the two of ours that speak to the hardware. What it
//! finds: wrong logic, a barrier that not all threads reach, a wait that never ends, reads and
//! writes out of bounds (with AddressSanitizer), memory read before it was written (it starts as
//! 0xA5 bytes), results that depend on the order of threads and blocks. What it cannot find: data
//! races between two instructions, since a fiber runs undisturbed from one synchronisation, atomic
//! or volatile access to the next; and anything about the memory model, for memory here is
//! sequentially consistent.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emulation {

//! A thread's or block's place; as CUDA's `uint3` and `dim3`.
struct index3 {
  unsigned x = 1, y = 1, z = 1;
};

//! The running fiber's `threadIdx`, `blockIdx`, `blockDim`, `gridDim`.
struct place {
  index3 thread, block, block_size, grid;
};
const place& here();

//! In which order fibers run. Each launch draws from a generator that starts at `seed` and goes on.
struct order {
  std::uint64_t seed = 1;
  unsigned resident = 3;  //!< blocks that run side by side; a block starts when one has ended
  bool ascending = true;  //!< blocks start in the order of their index, as hardware is known to do
};
void set_order(const order& wanted);

//! A kernel's body for one thread, given the block's shared memory.
using body = void (*)(const void* kernel, void* shared);

//! Runs a grid to its end. Ends the program with a message when threads wait for ever.
void run(unsigned blocks, unsigned threads, std::size_t shared_bytes, body run_thread,
         const void* kernel);

//! Whether a grid runs: what is allocated then is the emulation's own.
bool running();

//! The most bytes of shared memory that a launch since the last call of this asked for.
std::size_t most_shared();

//! @name What a thread calls
//! @{
void sync_block();
void sync_warp();
//! The value that lane `source` of the warp gave in the same call.
std::uint64_t exchange(std::uint64_t value, unsigned source);
//! Bit i: whether lane i gave true.
unsigned ballot(bool vote);
//! Lets others run: before each access to memory that threads share without a barrier.
void yield();
//! @}

//! @name Device memory
//! @{
//! Null when it cannot be had. Its bytes are 0xA5.
void* allocate(std::size_t bytes);
//! After so many more allocations one fails; 0: none does.
void fail_allocation(std::uint64_t which);
void release(void* memory);
void copy(void* to, const void* from, std::size_t bytes);
//! @}

//! What happened so far.
struct counts {
  std::uint64_t launches = 0, threads = 0, yields = 0, allocations = 0;
};
const counts& counted();

}  // namespace emulation
