// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Trains small convolutional networks with LibTorch, with and without selection, and writes
//! a report of what it saved.
#include "description.hpp"

int main(int argc, char** argv) {
  return training::run_program(libtorch_cnn::describe(), argc, argv);
}
