// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Trains small networks with and without selection and writes a report of what it saved.
#include "description.hpp"

int main(int argc, char** argv) { return training::run_program(eigen_mlp::describe(), argc, argv); }
