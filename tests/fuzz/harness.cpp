// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/harness.hpp"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t no_limit = ~std::size_t{0};

// Of each thread, since a fuzzer has threads of its own.
thread_local std::size_t allocated_bytes = 0;
thread_local std::size_t allocated_limit = no_limit;
std::span<const std::byte> input_at_hand;

void* allocate(std::size_t size) {
  if (size > allocated_limit - (std::min)(allocated_bytes, allocated_limit)) {
    allocated_limit = no_limit;
    fuzz::fail("a load allocates more than its bytes and the object account for");
  }
  allocated_bytes += size;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

// The array forms call these, or AddressSanitizer's of their own; the library has no arrays but
// vectors, and nothing over-aligned.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace fuzz {

void fail(const char* what) {
  std::fprintf(stderr, "%s\nthe input, in hexadecimal: ", what);
  for (const std::byte byte : input_at_hand)
    std::fprintf(stderr, "%02x", static_cast<unsigned>(byte));
  std::fputc('\n', stderr);
  std::abort();
}

void begin(std::span<const std::byte> input) { input_at_hand = input; }

std::size_t allocated() { return allocated_bytes; }

allocation_limit::allocation_limit(std::size_t limit) { allocated_limit = allocated_bytes + limit; }
allocation_limit::~allocation_limit() { allocated_limit = no_limit; }

bytes state_of(form how, gs::state_kind kind, std::span<const std::byte> rest) {
  bytes state(rest.begin(), rest.end());
  if (how == form::payload) {
    struct payload {
      std::span<const std::byte> from;
      void write(gs::byte_writer& out) const { out.put(from); }
    };
    return gs::save_state<std::vector<std::byte>>(kind, payload{rest});
  }
  if (how == form::unsummed) {
    gs::byte_writer sum;
    sum.put(gs::detail::checksum(state.data(), state.size()));
    state.insert(state.end(), sum.view().begin(), sum.view().end());
  }
  return state;
}

bytes input_of(form how, std::size_t object, std::span<const std::byte> state) {
  if (how != form::raw) state = state.first(state.size() - gs::detail::state_tail);
  if (how == form::payload) state = state.subspan(gs::detail::state_head);
  bytes input = {static_cast<std::byte>(object * forms + static_cast<std::size_t>(how))};
  input.insert(input.end(), state.begin(), state.end());
  return input;
}

bool change_list(bytes& input, std::size_t at, std::size_t width, std::size_t index, bool longer) {
  if (input.size() < 8 || at > input.size() - 8) return false;
  const auto count = gs::byte_reader(std::span(input).subspan(at)).get<std::uint64_t>();
  if (index >= count || count > (input.size() - 8 - at) / width) return false;
  gs::byte_writer changed;
  changed.put(longer ? count + 1 : count - 1);
  std::copy(changed.view().begin(), changed.view().end(), &input[at]);
  const auto element = input.begin() + static_cast<std::ptrdiff_t>(at + 8 + index * width);
  const bytes copy(element, element + static_cast<std::ptrdiff_t>(width));
  if (longer) {
    input.insert(element, copy.begin(), copy.end());
  } else {
    input.erase(element, element + static_cast<std::ptrdiff_t>(width));
  }
  return true;
}

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::target target = fuzz::the_target();
  target.check({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
