// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The folder that a stopped invocation goes on from: a file for the settings and one for
//! each run, done or not, each written whole.
#pragma once

#include "job.hpp"
#include "schedule.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace training {

//! All that decides what a run does, by name and value: flags, data, build.
using identity = std::map<std::string, std::string>;

//! Bad files, and files of another identity, are refused by a `packed::error` whose one line names
//! the file and the first difference; nothing is written then.
class checkpoint {
 public:
  //! Saves nothing.
  checkpoint() = default;

  //! Begins a checkpoint in the folder, or goes on from the one that is there.
  //! @param program  its name: the files are of no use to another
  //! @param every  steps between saves of a run; 0: as before where resumed, never where not
  //! @throws std::runtime_error where there is none to resume, or where a new one would overwrite
  //! one that is not finished
  checkpoint(std::string program, std::filesystem::path folder, identity who, std::uint64_t every,
             bool resume);

  //! Steps between saves; 0: nothing is saved.
  std::uint64_t every() const { return every_; }

  //! What a clock said must not be asked again: the first invocation measures, those that resume
  //! are given the same, in the order of the calls.
  prices measured(const std::function<prices()>& measure);

  //! The number of the first of so many further jobs. They are asked for in the same order always.
  std::size_t reserve(std::size_t jobs) { return std::exchange(reserved_, reserved_ + jobs); }

  //! What is known of a job, if anything.
  std::optional<saved_job> load(std::size_t number, const job& task) const;
  void save(std::size_t number, const job& task, const saved_job& saved) const;

  //! Everything is done and reported.
  void remove();

 private:
  void open();
  std::filesystem::path settings_file() const;
  std::filesystem::path file_of(std::size_t number) const;
  std::vector<std::filesystem::path> files(std::string_view first, std::string_view last) const;
  std::vector<std::filesystem::path> run_files() const { return files("run-", ".cbor.gz"); }
  void write_settings() const;
  template <class Use>
  auto read(const std::filesystem::path& file, Use use) const;
  void write(const std::filesystem::path& file, nlohmann::json content) const;

  std::string program_;
  std::filesystem::path folder_;  // empty: nothing is saved
  identity who_;
  std::uint64_t every_ = 0;
  std::vector<prices> prices_;
  std::size_t measured_ = 0, reserved_ = 0;  // so far in this invocation
};

}  // namespace training
