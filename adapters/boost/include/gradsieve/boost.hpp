// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Everything of the Boost adapter: statistics of losses, and a history of constant memory.
#pragma once

#include <gradsieve/boost/observer.hpp>
#include <gradsieve/boost/p_square_history.hpp>
#include <gradsieve/boost/running.hpp>
