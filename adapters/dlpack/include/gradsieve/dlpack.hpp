// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Everything of the DLPack adapter: tensors of any framework as the spans the library takes.
#pragma once

#include <gradsieve/dlpack/abi.hpp>
#include <gradsieve/dlpack/managed.hpp>
#include <gradsieve/dlpack/spans.hpp>
