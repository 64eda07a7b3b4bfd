# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# gradsieve_read_version(<out>): MAJOR.MINOR.PATCH as include/gradsieve/version.hpp defines them,
# so that the header stays the only place that states the version.
function(gradsieve_read_version out)
  set(header "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../include/gradsieve/version.hpp")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}")
  file(READ "${header}" text)
  set(version "")
  foreach(part IN ITEMS MAJOR MINOR PATCH)
    if(NOT text MATCHES "#define GRADSIEVE_VERSION_${part} +([0-9]+)")
      message(FATAL_ERROR "gradsieve: ${header} does not define GRADSIEVE_VERSION_${part}")
    endif()
    list(APPEND version "${CMAKE_MATCH_1}")
  endforeach()
  list(JOIN version "." version)
  set(${out} "${version}" PARENT_SCOPE)
endfunction()
