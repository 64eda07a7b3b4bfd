# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# cmake -DEXECUTABLE=... -DPREFIX=... -DLABELS=... -DCATCH_VERSION=... -DOUTPUT=... -P discover.cmake
#
# Asks a test executable for its test cases and writes a ctest entry, <prefix>/<name>, for each. Test
# cases tagged [exhaustive] get that label too. Catch2's own module cannot read names that contain a
# lone bracket or a semicolon, and intervals like [0, n) are hard to avoid here.

if(CATCH_VERSION VERSION_LESS 3)
  set(listing --list-test-names-only)
  # Without this, version 2 takes a test that is not found for a success.
  set(arguments "[==[--warn]==] [==[NoTests]==]")
else()
  set(listing --list-tests --verbosity quiet)
  set(arguments "")
endif()

string(ASCII 1 left_bracket)
string(ASCII 2 right_bracket)
string(ASCII 3 semicolon)
set(script "")

# add_tests(<test spec> <labels>): appends to `script`.
function(add_tests spec labels)
  execute_process(
    COMMAND "${EXECUTABLE}" ${listing} "${spec}"
    RESULT_VARIABLE status
    OUTPUT_VARIABLE names
    ERROR_VARIABLE errors)
  # Version 2 returns the number of test cases; a crash is described by a word.
  if(NOT status MATCHES "^[0-9]+$")
    message(FATAL_ERROR "${EXECUTABLE} ${listing}: ${status}\n${names}${errors}")
  endif()

  string(REPLACE "[" "${left_bracket}" names "${names}")
  string(REPLACE "]" "${right_bracket}" names "${names}")
  string(REPLACE ";" "${semicolon}" names "${names}")
  string(REPLACE "\n" ";" names "${names}")
  foreach(name IN LISTS names)
    if(name STREQUAL "")
      continue()
    endif()
    string(REPLACE "${left_bracket}" "[" name "${name}")
    string(REPLACE "${right_bracket}" "]" name "${name}")
    string(REPLACE "${semicolon}" ";" name "${name}")
    string(REGEX REPLACE "([],\\\\[\"~])" "\\\\\\1" pattern "${name}")
    string(
      APPEND
      script
      "add_test([==[${PREFIX}/${name}]==] [==[${EXECUTABLE}]==] [==[${pattern}]==] ${arguments})\n"
      "set_tests_properties([==[${PREFIX}/${name}]==] PROPERTIES LABELS \"${labels}\")\n")
  endforeach()
  set(script "${script}" PARENT_SCOPE)
endfunction()

add_tests("~[exhaustive]~[patient]" "${LABELS}")
add_tests("[patient]~[exhaustive]" "${LABELS};patient")
add_tests("[exhaustive]" "${LABELS};exhaustive")
if(script STREQUAL "")
  message(FATAL_ERROR "${EXECUTABLE} contains no tests")
endif()
file(WRITE "${OUTPUT}" "${script}")
