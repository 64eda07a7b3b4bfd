// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "checkpoint.hpp"

#include "../common/packed.hpp"
#include "../common/report_files.hpp"
#include "../common/report_text.hpp"
#include "job_json.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace training {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(prices, train_seconds, forward_share)

namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr int version = 2;

std::string format_of(const std::string& program) { return program + " checkpoint"; }

//! "with --lr 0.2", "with --quick" or "without --lr".
std::string phrase(const std::string& name, const std::string& value) {
  if (value.empty()) return "without " + name;
  return "with " + name + (value == "true" ? "" : ' ' + value);
}

//! The first difference of two identities, as a sentence; empty where there is none. A value that
//! is not there is an empty one.
std::string difference(const identity& saved, const identity& here) {
  const auto value_in = [](const identity& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
  identity all = here;
  all.insert(saved.begin(), saved.end());
  for (const auto& entry : all) {
    const std::string before = value_in(saved, entry.first), now = value_in(here, entry.first);
    if (before != now) {
      return "saved " + phrase(entry.first, before) + ", so it cannot go on " +
             phrase(entry.first, now);
    }
  }
  return {};
}

//! What tells a job from the others of the same settings.
std::string name_of(const job& task) {
  return std::string(task.what->name) + ", seed " + std::to_string(task.training.seed) +
         ", learning rate " + report::exact(task.training.learning_rate) + ", work " +
         report::exact(task.training.budget) + " with forwards at " +
         report::exact(task.training.forward_share);
}

}  // namespace

//! Reads one of our files and gives `use` its content.
template <class Use>
auto checkpoint::read(const fs::path& file, Use use) const {
  const json content = packed::read(file);
  try {
    if (content.at("format") != format_of(program_)) {
      throw packed::error("not a checkpoint of " + program_);
    }
    if (content.at("version") > version) throw packed::error("written by a newer " + program_);
    if (content.at("version") < version) throw packed::error("written by an older " + program_);
    const std::string why = difference(content.at("identity").get<identity>(), who_);
    if (!why.empty()) throw packed::error(why);
    return use(content);
  } catch (const packed::error& problem) {
    throw packed::error(file.string() + ": " + problem.what());
  } catch (const json::exception&) {
    throw packed::error(file.string() + ": not a checkpoint of " + program_);
  }
}

void checkpoint::write(const fs::path& file, json content) const {
  content["format"] = format_of(program_);
  content["version"] = version;
  content["identity"] = who_;
  packed::write(file, content);
}

checkpoint::checkpoint(std::string program, fs::path folder, identity who, std::uint64_t every,
                       bool resume)
    : program_(std::move(program)),
      folder_(std::move(folder)),
      who_(std::move(who)),
      every_(every) {
  const bool present = fs::exists(settings_file());
  if (resume && !present) {
    throw std::runtime_error("--resume: there is no checkpoint in " + folder_.string() +
                             "; without --resume a run begins anew");
  }
  if (!resume && present) {
    throw std::runtime_error(folder_.string() +
                             " holds a run that is not finished; go on with it by --resume, or "
                             "remove the folder to begin anew");
  }
  if (resume) {
    open();
  } else if (every_ > 0) {
    report::prepare_directory(folder_);
    for (const fs::path& file : run_files()) fs::remove(file);
    write_settings();
  } else {
    folder_.clear();
  }
}

void checkpoint::open() {
  read(settings_file(), [&](const json& content) {
    if (every_ == 0) every_ = content.at("save_every").get<std::uint64_t>();
    prices_ = content.at("prices").get<std::vector<prices>>();
  });
  // Better refused now than after hours of the runs before.
  for (const fs::path& file : run_files()) {
    read(file, [](const json& content) { unpack(content.at("saved")); });
  }
}

prices checkpoint::measured(const std::function<prices()>& measure) {
  if (measured_ == prices_.size()) {
    prices_.push_back(measure());
    if (!folder_.empty()) write_settings();
  }
  return prices_[measured_++];
}

std::optional<saved_job> checkpoint::load(std::size_t number, const job& task) const {
  if (folder_.empty() || !fs::exists(file_of(number))) return {};
  return read(file_of(number), [&](const json& content) {
    const auto name = content.at("job").get<std::string>();
    if (name != name_of(task)) {
      throw packed::error("saved for " + name + ", so it cannot go on as " + name_of(task));
    }
    return unpack(content.at("saved"));
  });
}

void checkpoint::save(std::size_t number, const job& task, const saved_job& saved) const {
  if (folder_.empty()) return;
  write(file_of(number), {{"job", name_of(task)}, {"saved", pack(saved)}});
}

void checkpoint::remove() {
  if (folder_.empty()) return;
  // The settings last: until they are gone, all can be done again from what is left.
  for (const fs::path& file : files("", ".cbor.gz.tmp")) fs::remove(file);
  for (const fs::path& file : run_files()) fs::remove(file);
  fs::remove(settings_file());
  std::error_code not_empty;
  fs::remove(folder_, not_empty);
  folder_.clear();
}

std::vector<fs::path> checkpoint::files(std::string_view first, std::string_view last) const {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(first) && name.ends_with(last)) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

fs::path checkpoint::settings_file() const { return folder_ / "settings.cbor.gz"; }

fs::path checkpoint::file_of(std::size_t number) const {
  char name[40];
  std::snprintf(name, sizeof name, "run-%04zu.cbor.gz", number + 1);
  return folder_ / name;
}

void checkpoint::write_settings() const {
  write(settings_file(), {{"save_every", every_}, {"prices", prices_}});
}

}  // namespace training
