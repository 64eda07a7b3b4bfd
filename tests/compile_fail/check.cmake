# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# cmake -DCOMPILER=... -DSOURCE=... -DINCLUDE=... -P check.cmake
#
# The first line of SOURCE is `// expect: <sentence>`: it must not compile, and the compiler must say
# the sentence. `// expect: success` turns that round.
file(READ "${SOURCE}" text)
if(NOT text MATCHES "^// expect: ([^\n]+)\n")
  message(FATAL_ERROR "${SOURCE} does not begin with '// expect: '")
endif()
set(sentence "${CMAKE_MATCH_1}")

list(TRANSFORM INCLUDE PREPEND "-I")
execute_process(
  COMMAND "${COMPILER}" -std=c++20 -fsyntax-only -fmessage-length=0 ${INCLUDE} "${SOURCE}"
  RESULT_VARIABLE status
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)

if(sentence STREQUAL "success")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "must compile, but the compiler says:\n${output}")
  endif()
elseif(status EQUAL 0)
  message(FATAL_ERROR "must not compile, but does; expected the sentence\n  ${sentence}")
else()
  string(FIND "${output}" "${sentence}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "expected the sentence\n  ${sentence}\nbut the compiler says:\n${output}")
  endif()
endif()
