# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# The adapter needs nothing of CMake but its headers' folder: whoever uses it has found a LibTorch in
# one of the many ways there are. This is for our own tests and examples.
set(GRADSIEVE_TORCH_ROOT "" CACHE PATH
    "A LibTorch (the folder with include/ and lib/); empty: what scripts/get_libtorch.sh brought")
option(GRADSIEVE_BUILD_LIBTORCH "Build what needs LibTorch, if there is one" ON)

# gradsieve_find_libtorch(): an imported target gradsieve_torch, LibTorch's headers and CPU libraries,
# from the project's own find_package(Torch), from GRADSIEVE_TORCH_ROOT, from the environment's variable
# of that name, or from the cache folder; if there is none, one line says so. Downloads nothing.
# find_package(Torch) itself is not called: that of a wheel asks for nvcc and for libraries that are
# needed on a GPU only.
function(gradsieve_find_libtorch)
  if(NOT GRADSIEVE_BUILD_LIBTORCH OR TARGET gradsieve_torch)
    return()
  endif()
  if(TARGET torch)
    add_library(gradsieve_torch INTERFACE IMPORTED GLOBAL)
    target_link_libraries(gradsieve_torch INTERFACE torch)
    return()
  endif()

  set(asked "${GRADSIEVE_TORCH_ROOT}")
  if(NOT asked)
    set(asked "$ENV{GRADSIEVE_TORCH_ROOT}")
  endif()
  set(root "${asked}")
  if(NOT root)
    set(cache "$ENV{GRADSIEVE_CACHE}")
    if(NOT cache AND DEFINED ENV{XDG_CACHE_HOME})
      set(cache "$ENV{XDG_CACHE_HOME}/gradsieve")
    elseif(NOT cache)
      set(cache "$ENV{HOME}/.cache/gradsieve")
    endif()
    set(root "${cache}/libtorch-2.11.0-cpu/torch")
  endif()
  set(why "")
  set(version_header "${root}/include/torch/headeronly/version.h")  # from 2.9 on
  if(NOT EXISTS "${version_header}")
    set(version_header "${root}/include/torch/csrc/api/include/torch/version.h")
  endif()
  if(NOT EXISTS "${version_header}" OR NOT EXISTS "${root}/lib")
    set(why "no LibTorch in ${root}")
    if(NOT asked)
      string(APPEND why " (scripts/get_libtorch.sh brings one)")
    endif()
  else()
    file(STRINGS "${version_header}" lines REGEX "define TORCH_VERSION_(MAJOR|MINOR) [0-9]+")
    string(REGEX REPLACE "[^0-9;]" "" numbers "${lines}")
    list(JOIN numbers "." version)
    find_library(GRADSIEVE_TORCH_CPU torch_cpu PATHS "${root}/lib" NO_DEFAULT_PATH NO_CACHE)
    find_library(GRADSIEVE_TORCH_C10 c10 PATHS "${root}/lib" NO_DEFAULT_PATH NO_CACHE)
    if(version VERSION_LESS 2.7)
      set(why "LibTorch ${version} in ${root} is older than 2.7, whose wheels were the first for the\
 compiler's usual C++ ABI")
    elseif(NOT GRADSIEVE_TORCH_CPU OR NOT GRADSIEVE_TORCH_C10)
      set(why "LibTorch ${version} in ${root} has no libtorch_cpu or no libc10")
    endif()
  endif()
  if(why)
    if(asked)
      message(FATAL_ERROR "gradsieve: ${why}")
    endif()
    get_property(said GLOBAL PROPERTY gradsieve_no_libtorch)
    if(NOT said)
      message(STATUS "gradsieve: ${why}, so its tests, examples and benchmarks are left out")
      set_property(GLOBAL PROPERTY gradsieve_no_libtorch ON)
    endif()
    return()
  endif()

  message(STATUS "gradsieve: LibTorch ${version} in ${root}")
  add_library(gradsieve_torch INTERFACE IMPORTED GLOBAL)
  target_include_directories(gradsieve_torch SYSTEM INTERFACE
                             "${root}/include" "${root}/include/torch/csrc/api/include")
  find_package(Threads REQUIRED)
  target_link_libraries(gradsieve_torch INTERFACE "${GRADSIEVE_TORCH_CPU}" "${GRADSIEVE_TORCH_C10}"
                                                  Threads::Threads)
  set_property(TARGET gradsieve_torch PROPERTY gradsieve_version "${version}")
  set_property(TARGET gradsieve_torch PROPERTY gradsieve_root "${root}")
endfunction()

# gradsieve_find_libtorch_cuda(): an imported target gradsieve_torch_cuda, the same LibTorch's CUDA
# libraries, if there are such and the CUDA Toolkit is here. What those need in turn (cuBLAS, cuDNN, …)
# is looked for when the program starts.
function(gradsieve_find_libtorch_cuda)
  if(NOT TARGET gradsieve_torch OR NOT TARGET gradsieve::gpu OR TARGET gradsieve_torch_cuda)
    return()
  endif()
  if(TARGET torch)
    if(TARGET torch_cuda)
      add_library(gradsieve_torch_cuda INTERFACE IMPORTED GLOBAL)
    endif()
    return()
  endif()
  get_target_property(root gradsieve_torch gradsieve_root)
  find_library(GRADSIEVE_TORCH_CUDA torch_cuda PATHS "${root}/lib" NO_DEFAULT_PATH NO_CACHE)
  find_library(GRADSIEVE_C10_CUDA c10_cuda PATHS "${root}/lib" NO_DEFAULT_PATH NO_CACHE)
  if(NOT GRADSIEVE_TORCH_CUDA OR NOT GRADSIEVE_C10_CUDA)
    message(STATUS "gradsieve: that LibTorch has no CUDA libraries, so its examples are for the CPU")
    return()
  endif()
  add_library(gradsieve_torch_cuda INTERFACE IMPORTED GLOBAL)
  # Nothing but its own start calls torch_cuda.
  target_link_libraries(
    gradsieve_torch_cuda
    INTERFACE "-Wl,--no-as-needed" "${GRADSIEVE_TORCH_CUDA}" "-Wl,--as-needed"
              "${GRADSIEVE_C10_CUDA}" "-Wl,--unresolved-symbols=ignore-in-shared-libs")
endfunction()
