# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# gradsieve_warnings: the warnings our own tests, examples and benchmarks are compiled with. The
# headers must stay silent under all of them. It is never part of the exported targets.
add_library(gradsieve_warnings INTERFACE)

# gradsieve_warn(<option>...): nvcc warns in its own ways, see gradsieve_cuda_options.
function(gradsieve_warn)
  target_compile_options(gradsieve_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${ARGN}>")
endfunction()

if(MSVC)
  target_compile_options(gradsieve_warnings INTERFACE /W4 /permissive-)
else()
  gradsieve_warn(
    -Wall
    -Wextra
    -Wpedantic
    -Wcast-align
    -Wcast-qual
    -Wconversion
    -Wextra-semi
    -Wformat=2
    -Wimplicit-fallthrough
    -Wnon-virtual-dtor
    -Wold-style-cast
    -Woverloaded-virtual
    -Wredundant-decls
    -Wshadow
    -Wsign-conversion
    -Wundef
    -Wunused
    -Wvla
    -Wzero-as-null-pointer-constant)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  gradsieve_warn(-Wdouble-promotion -Wduplicated-branches -Wduplicated-cond -Wlogical-op
                 -Wsuggest-override -Wuseless-cast)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # gcc 12 sees overlapping copies in std::string's operator+ (its bug 105651).
    gradsieve_warn(-Wno-restrict)
  endif()
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  gradsieve_warn(-Wcomma -Wdocumentation -Wloop-analysis -Wunreachable-code-aggressive)
endif()

if(GRADSIEVE_WARNINGS_AS_ERRORS)
  gradsieve_warn($<IF:$<BOOL:${MSVC}>,/WX,-Werror>)
endif()
