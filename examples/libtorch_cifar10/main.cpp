// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Trains ResNet-18 on CIFAR-10 with and without selection, all on the device, and writes a
//! report of what it saved.
#include "description.hpp"

int main(int argc, char** argv) {
  return training::run_program(libtorch_cifar10::describe(), argc, argv);
}
