# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

set(gradsieve_adapters "")

# gradsieve_add_adapter(<name> <package> <target> [<folder>]): gradsieve::<name>, the headers of
# adapters/<name> (or the folder given) with the framework's <target>, if <package> was found; else
# one line says so. With "" "" it needs none.
function(gradsieve_add_adapter name package target)
  set(folder "adapters/${name}")
  if(ARGC GREATER 3)
    set(folder "${ARGV3}")
  endif()
  if(target AND NOT TARGET ${target})
    message(STATUS "gradsieve: ${package} not found, so there is no target gradsieve::${name}")
    return()
  endif()
  add_library(gradsieve_${name} INTERFACE)
  add_library(gradsieve::${name} ALIAS gradsieve_${name})
  set_target_properties(gradsieve_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(gradsieve_${name} INTERFACE gradsieve::gradsieve ${target})
  target_include_directories(
    gradsieve_${name} ${gradsieve_system}
    INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/${folder}/include>"
              "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  set(gradsieve_adapters ${gradsieve_adapters} ${name} PARENT_SCOPE)
  set(gradsieve_${name}_headers "${PROJECT_SOURCE_DIR}/${folder}/include/gradsieve" PARENT_SCOPE)
endfunction()

find_package(Eigen3 QUIET NO_MODULE)
gradsieve_add_adapter(eigen Eigen3 Eigen3::Eigen)

# The oldest it is tested with; saving needs accumulators that show their members to an archive.
find_package(Boost 1.74 QUIET CONFIG)
gradsieve_add_adapter(boost "Boost 1.74" Boost::headers)

# DLPack is a handful of structs, which the adapter takes from whoever has them.
gradsieve_add_adapter(dlpack "" "")

# Nor does this one look for its framework; see cmake/libtorch.cmake.
gradsieve_add_adapter(libtorch "" "")

# Headers with kernels: whoever includes them compiles that file with nvcc, as C++20.
find_package(CUDAToolkit 12.8 QUIET)
gradsieve_add_adapter(gpu "CUDA Toolkit 12.8" CUDA::cudart_static cuda)
