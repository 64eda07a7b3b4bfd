# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# Headers, the CMake package and the pkg-config file. Nothing here depends on the architecture, so
# the package files go below share/.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(gradsieve_package_dir "${CMAKE_INSTALL_DATAROOTDIR}/cmake/gradsieve")
set(gradsieve_pkgconfig_dir "${CMAKE_INSTALL_DATAROOTDIR}/pkgconfig")

# Each component has an export set of its own: loading the core must not look for Eigen, Boost or CUDA.
install(TARGETS gradsieve EXPORT gradsieve-core)
install(
  EXPORT gradsieve-core
  NAMESPACE gradsieve::
  FILE gradsieve-core.cmake
  DESTINATION "${gradsieve_package_dir}")
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/include/gradsieve"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING
  PATTERN "*.hpp")

foreach(adapter IN LISTS gradsieve_adapters)
  install(TARGETS gradsieve_${adapter} EXPORT gradsieve-${adapter})
  install(
    EXPORT gradsieve-${adapter}
    NAMESPACE gradsieve::
    FILE gradsieve-${adapter}.cmake
    DESTINATION "${gradsieve_package_dir}")
  install(
    DIRECTORY "${gradsieve_${adapter}_headers}"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING
    PATTERN "*.hpp")
endforeach()

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/gradsieve-config.cmake.in"
  "${PROJECT_BINARY_DIR}/gradsieve-config.cmake"
  INSTALL_DESTINATION "${gradsieve_package_dir}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break its users, so only patch versions are compatible.
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/gradsieve-config-version.cmake"
  COMPATIBILITY SameMinorVersion
  ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/gradsieve-config.cmake"
              "${PROJECT_BINARY_DIR}/gradsieve-config-version.cmake"
        DESTINATION "${gradsieve_package_dir}")

# Paths relative to the .pc file itself, so that an installed tree can be moved.
file(RELATIVE_PATH gradsieve_pc_prefix "/prefix/${gradsieve_pkgconfig_dir}" "/prefix")
string(REGEX REPLACE "/$" "" gradsieve_pc_prefix "${gradsieve_pc_prefix}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/gradsieve.pc.in" "${PROJECT_BINARY_DIR}/gradsieve.pc"
               @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/gradsieve.pc" DESTINATION "${gradsieve_pkgconfig_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
