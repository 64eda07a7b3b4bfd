# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# cmake -DNVCC=... -DCOMPILER=... -DSOURCE=... -DARCHITECTURE=... -DINCLUDE=... -DOUTPUT=... -P check.cmake
#
# Compiles SOURCE without a warning and reads what ptxas says of each kernel. The first lines of
# SOURCE hold the budget, which each kernel must keep to; one may be another on one architecture:
#   // expect: registers <= 64
#   // expect: registers on sm_120 <= 72
#   // expect: kernels >= 5
# A kernel that spills registers to memory always fails, and so does one with static shared memory:
# it would be missing from what shared_bytes() asks for, whose figures tests/gpu/shared_memory_test.cpp
# holds against a budget of their own.
file(STRINGS "${SOURCE}" expectations REGEX "^// expect: ")
foreach(name IN ITEMS registers kernels)
  string(REGEX MATCH "// expect: ${name} on ${ARCHITECTURE} [<>]= ([0-9]+)" found "${expectations}")
  if(NOT found)
    string(REGEX MATCH "// expect: ${name} [<>]= ([0-9]+)" found "${expectations}")
  endif()
  if(NOT found)
    message(FATAL_ERROR "${SOURCE} does not say what to expect of its ${name}")
  endif()
  set(expected_${name} ${CMAKE_MATCH_1})
endforeach()

list(TRANSFORM INCLUDE PREPEND "-I")
execute_process(
  COMMAND
    "${NVCC}" -std=c++20 -O3 "-arch=${ARCHITECTURE}" -ccbin "${COMPILER}" -Xcompiler -Wall,-Wextra
    --Werror all-warnings -Xptxas -v ${INCLUDE} -c "${SOURCE}" -o "${OUTPUT}"
  RESULT_VARIABLE status
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "nvcc says:\n${output}")
endif()

string(REGEX MATCHALL "Used [0-9]+ registers" used "${output}")
list(LENGTH used kernels)
if(kernels LESS expected_kernels)
  message(FATAL_ERROR "${kernels} kernels, expected ${expected_kernels} or more:\n${output}")
endif()
set(most 0)
foreach(line IN LISTS used)
  string(REGEX MATCH "[0-9]+" registers "${line}")
  if(registers GREATER most)
    set(most ${registers})
  endif()
endforeach()
message(STATUS "${kernels} kernels, at most ${most} registers")
if(most GREATER expected_registers)
  message(FATAL_ERROR "${most} registers, the budget is ${expected_registers}:\n${output}")
endif()
if(output MATCHES "[1-9][0-9]* bytes spill")
  message(FATAL_ERROR "a kernel spills registers:\n${output}")
endif()
if(output MATCHES "[1-9][0-9]* bytes smem")
  message(FATAL_ERROR "a kernel has static shared memory, which shared_bytes() leaves out:\n${output}")
endif()
