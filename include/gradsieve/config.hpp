// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Compiler seams: functions that also run on the device, and builds without exceptions.
#pragma once

//! Marks a function that kernels call too; empty in a plain C++ compiler.
#if defined(__CUDACC__)
#define GRADSIEVE_HOST_DEVICE __host__ __device__
#else
#define GRADSIEVE_HOST_DEVICE
#endif

//! Before a template of both sides that calls what it is given, which may live on one side alone.
#if defined(__CUDACC__)
#define GRADSIEVE_CALLS_ARGUMENT _Pragma("nv_exec_check_disable")
#else
#define GRADSIEVE_CALLS_ARGUMENT
#endif

//! 1 where errors are exceptions, 0 where they go to the failure handler (error.hpp).
#if !defined(GRADSIEVE_HAS_EXCEPTIONS)
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define GRADSIEVE_HAS_EXCEPTIONS 1
#else
#define GRADSIEVE_HAS_EXCEPTIONS 0
#endif
#endif

//! The inline namespace of everything. Builds without exceptions have another one, since functions
//! of one name must not have two bodies in a program.
#if GRADSIEVE_HAS_EXCEPTIONS
#define GRADSIEVE_ABI v0
#else
#define GRADSIEVE_ABI v0_no_exceptions
#endif
