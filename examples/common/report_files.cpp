// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Writes files whole: under a temporary name, then renamed.
#include "report_files.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

namespace report {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& reason) {
  throw std::runtime_error("cannot write " + path.string() + ": " + reason);
}

void write_bytes(const std::filesystem::path& path, const void* data, std::size_t size) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) fail(path, std::strerror(errno));
  errno = 0;
  bool good = size == 0 || std::fwrite(data, 1, size, file) == size;
  // Without it a power cut may leave the new name with no bytes.
  good = good && std::fflush(file) == 0 && fsync(fileno(file)) == 0;
  int error = errno;
  if (std::fclose(file) != 0) {  // a full disk may show only here
    if (good) error = errno;
    good = false;
  }
  std::error_code code;
  if (good) {
    std::filesystem::rename(temporary, path, code);
    if (!code) return;
  }
  const std::string reason = good ? code.message() : std::strerror(error);
  std::filesystem::remove(temporary, code);
  fail(path, reason);
}

}  // namespace

void prepare_directory(const std::filesystem::path& directory) {
  std::error_code code;
  std::filesystem::create_directories(directory, code);
  if (code) fail(directory, code.message());
  if (!std::filesystem::is_directory(directory, code)) fail(directory, "not a directory");
  const auto probe = directory / ".report_probe";
  try {
    write_file(probe, std::string_view{});
  } catch (const std::runtime_error&) {
    fail(directory, "the directory cannot be written");
  }
  std::filesystem::remove(probe, code);
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  write_bytes(path, content.data(), content.size());
}

void write_file(const std::filesystem::path& path, const std::vector<std::uint8_t>& content) {
  write_bytes(path, content.data(), content.size());
}

}  // namespace report
