// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What `load` must do with any bytes, checked on one input after another.
#pragma once

#include <gradsieve/state/frame.hpp>

#include <exception>

namespace fuzz {

namespace gs = gradsieve;
using bytes = std::vector<std::byte>;

//! Two objects made alike that hold different things: what one loads the other must load, too, and
//! then do the same.
template <class Part>
struct twins {
  Part fresh, used;
};

//! What a fuzzer and a replay need of a part. A file <part>_fuzz.cpp defines `the_target` by
//! `target_of<T>()`, for a T with
//! * `part`, the stateful class; `kind`, its `state_kind`;
//! * `static std::vector<twins<part>> objects()`, a pair for each choice of options: inputs are
//!   loaded into these, and their own states are the seeds;
//! * `static void go_on(part&, gs::byte_writer& seen)`: uses a loaded object in every way that
//!   depends on its state, and writes down what it answers.
struct target {
  void (*check)(std::span<const std::byte> input);
  std::vector<bytes> (*seeds)();
};
target the_target();

//! Says what is wrong, prints the input at hand, and ends the program.
[[noreturn]] void fail(const char* what);
inline void require(bool good, const char* what) {
  if (!good) fail(what);
}
//! The input that `fail` prints.
void begin(std::span<const std::byte> input);

//! Bytes allocated so far, freed or not.
std::size_t allocated();

//! While one lives, allocating more than `limit` bytes in all is a failure.
class allocation_limit {
 public:
  explicit allocation_limit(std::size_t limit);
  ~allocation_limit();
  allocation_limit(const allocation_limit&) = delete;
  allocation_limit& operator=(const allocation_limit&) = delete;
};

//! How an input says what state it is. Its first byte holds this and which objects it goes to.
//! Blind changes would never get past a checksum, so most inputs have it made for them.
enum class form : std::uint8_t {
  payload,   //!< what `read` reads; head and checksum are added
  unsummed,  //!< all but the checksum, which is added
  raw,       //!< as it is
};
inline constexpr std::size_t forms = 3;
//! The bit of the first byte that says which of the twins loads first: most inputs are refused, and
//! then the other does not load at all.
inline constexpr std::byte swap_bit{0x80};

//! The bytes to be loaded.
bytes state_of(form how, gs::state_kind kind, std::span<const std::byte> rest);
//! The input that stands for a saved state.
bytes input_of(form how, std::size_t object, std::span<const std::byte> state);

//! Takes the element `index` out of the list of elements of `width` bytes whose count stands at
//! `at`, or doubles it. Returns false, and changes nothing, where no such list can be.
bool change_list(bytes& input, std::size_t at, std::size_t width, std::size_t index, bool longer);

//! One of `T`'s objects, with what a check needs to know of it.
template <class T>
struct prototype {
  explicit prototype(typename T::part made) : object(std::move(made)), state(object.save()) {
    const std::size_t before = allocated();
    [[maybe_unused]] const typename T::part copy = object;
    size = allocated() - before;
  }

  typename T::part object;
  bytes state;
  std::size_t size = 0;  //!< bytes that a copy allocates
};

template <class T>
const std::vector<twins<prototype<T>>>& prototypes() {
  static const auto all = [] {
    std::vector<twins<prototype<T>>> made;
    for (const auto& [fresh, used] : T::objects()) {
      made.push_back({prototype<T>(fresh), prototype<T>(used)});
    }
    return made;
  }();
  return all;
}

//! Loads `state` into `object`, a copy of `from`. Returns whether it was accepted.
template <class T>
bool loads(typename T::part& object, const prototype<T>& from, const bytes& state) {
  try {
    // A load copies the object and makes its parts anew. The most that bytes may ask for are the
    // tables of a rule: as they grow, 18 times its masses. The rest is for a message.
    const allocation_limit limit(2 * from.size + 20 * state.size() + 1024);
    object.load(state);
  } catch (const gs::state_error&) {
    require(object.save() == from.state, "a load that was refused changed the object");
    return false;
  } catch (const std::exception& error) {
    fail(error.what());
  }
  require(object.save() == state, "bytes were accepted that are not those the object then saves");
  return true;
}

//! What an object does after it was loaded, and its state then.
template <class T>
bytes future(typename T::part& object) {
  gs::byte_writer seen;
  try {
    T::go_on(object, seen);
  } catch (const std::exception& error) {
    fail(error.what());
  }
  bytes all = object.save();
  all.insert(all.end(), seen.view().begin(), seen.view().end());
  return all;
}

template <class T>
void check(std::span<const std::byte> input) {
  if (input.empty()) return;
  begin(input);
  const bool swapped = (input[0] & swap_bit) != std::byte{0};
  const auto control = static_cast<std::size_t>(input[0] & ~swap_bit);
  const bytes state = state_of(static_cast<form>(control % forms), T::kind, input.subspan(1));
  const auto& [fresh, used] = prototypes<T>()[control / forms % prototypes<T>().size()];
  const prototype<T>& first = swapped ? used : fresh;
  const prototype<T>& second = swapped ? fresh : used;
  auto a = first.object;
  if (!loads<T>(a, first, state)) return;
  auto b = second.object;
  require(loads<T>(b, second, state), "one of two objects made alike refuses the bytes");
  require(future<T>(a) == future<T>(b), "what was there before the load shows after");
  b = second.object;
  require(loads<T>(b, second, a.save()), "a state reached from a loaded one is refused");
}

//! The states of all objects, in every form.
template <class T>
std::vector<bytes> seeds() {
  std::vector<bytes> inputs;
  for (std::size_t i = 0; i < prototypes<T>().size(); ++i) {
    for (const auto* from : {&prototypes<T>()[i].fresh, &prototypes<T>()[i].used}) {
      for (const form how : {form::payload, form::unsummed, form::raw}) {
        inputs.push_back(input_of(how, i, from->state));
      }
    }
  }
  return inputs;
}

template <class T>
target target_of() {
  return {&check<T>, &seeds<T>};
}

}  // namespace fuzz
