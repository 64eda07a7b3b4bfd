// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What a method has that is saved with its run: a sieve, or anything with its `save` and
//! `load`.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace training {

//! A reference to a part of any type.
class saved_part {
 public:
  template <class Part>
  saved_part(Part* part)  // NOLINT(google-explicit-constructor): so that {&sieve, &order} is a list
      : part_(part),
        save_([](const void* from) { return static_cast<const Part*>(from)->save(); }),
        load_([](void* to, std::span<const std::byte> bytes) {
          static_cast<Part*>(to)->load(bytes);
        }) {}

  std::vector<std::byte> save() const { return save_(part_); }
  void load(std::span<const std::byte> bytes) const { load_(part_, bytes); }

 private:
  void* part_;
  std::vector<std::byte> (*save_)(const void*);
  void (*load_)(void*, std::span<const std::byte>);
};

}  // namespace training
