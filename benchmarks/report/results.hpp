// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Measurements as Google Benchmark writes them: read, checked against each other, joined.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench_report {

//! A sentence for the user.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

//! Who the library itself is called among its rivals.
inline constexpr std::string_view self = "gradsieve";

//! One benchmark, all its repetitions together.
struct entry {
  std::string build;    //!< "generic", "native", "gpu", or the language of a rival: "python"
  std::string task;     //!< "pick"
  std::string who;      //!< "gradsieve" or a rival
  std::string problem;  //!< "N:128/H:1024/band"; "" when there is but one
  double median = 0, least = 0, most = 0;  //!< seconds an example
  int repetitions = 0;
  std::map<std::string, double> counters;  //!< medians of the others: "share", "bytes", …

  //! The number behind a letter of the problem: parameter("N") of "N:128/H:1024" is 128.
  [[nodiscard]] std::optional<double> parameter(std::string_view letter) const;
  //! What is left of the problem without its numbers: "band".
  [[nodiscard]] std::string variant() const;
};

struct results {
  std::map<std::string, std::string> machine;  //!< Google Benchmark's context, as text
  std::vector<entry> entries;                  //!< in the order of the file

  //! Null when that was not measured.
  [[nodiscard]] const entry* find(std::string_view build, std::string_view task,
                                  std::string_view who, std::string_view problem) const;
};

//! @throws failure for a file that is missing, is not Google Benchmark's, or holds an error.
[[nodiscard]] results read(const std::filesystem::path& file);

//! Writes all inputs' medians, minima and maxima as one file of the same format. Flags are told
//! apart by build; what only names this machine's files and host is left out.
//! @throws failure also when two that must give the same answer do not.
void merge(const std::vector<std::filesystem::path>& inputs, const std::filesystem::path& output);

//! @throws failure naming the first problem whose checksums differ between builds or rivals.
void check_answers(const results& measured);

}  // namespace bench_report
