# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# gradsieve_enable_cuda(): CUDA as a language, for 80, 90 and this machine's own GPU, if it has one,
# unless CMAKE_CUDA_ARCHITECTURES says otherwise.
macro(gradsieve_enable_cuda)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80 90)
    find_program(GRADSIEVE_NVIDIA_SMI nvidia-smi)
    mark_as_advanced(GRADSIEVE_NVIDIA_SMI)
    if(GRADSIEVE_NVIDIA_SMI)
      # CMake's "native" cannot stand beside others.
      execute_process(
        COMMAND "${GRADSIEVE_NVIDIA_SMI}" --query-gpu=compute_cap --format=csv,noheader
        OUTPUT_VARIABLE gradsieve_native ERROR_QUIET)
      string(REGEX MATCHALL "[0-9]+\\.[0-9]" gradsieve_native "${gradsieve_native}")
      string(REPLACE "." "" gradsieve_native "${gradsieve_native}")
      list(APPEND CMAKE_CUDA_ARCHITECTURES ${gradsieve_native})
      list(REMOVE_DUPLICATES CMAKE_CUDA_ARCHITECTURES)
    endif()
  endif()
  enable_language(CUDA)
endmacro()

# gradsieve_cuda_options(<target>): C++20 and warnings for the target's CUDA sources. CMake before
# 3.26 does not know which standards nvcc 13 has.
function(gradsieve_cuda_options target)
  target_compile_options(
    ${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>
                      "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra>"
                      $<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${GRADSIEVE_WARNINGS_AS_ERRORS}>>:--Werror=all-warnings>)
endfunction()
