// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A trainer's program, killed at random moments and resumed, against one left in peace.
#pragma once

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "examples/training/pictures.hpp"
#include "support/random_source.hpp"
#include "support/scratch_folder.hpp"

namespace support {

namespace fs = std::filesystem;
using nlohmann::json;
using words = std::vector<std::string>;

//! The program with these arguments; killed where it still runs at the end.
class program {
 public:
  program(const std::string& name, const words& arguments, const fs::path& errors) {
    std::vector<std::string> all{name};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& each : all) pointers.push_back(each.data());
    pointers.push_back(nullptr);
    std::string no_gnuplot = "PATH=/nowhere";  // whose plots take longer than all the rest
    char* const environment[] = {no_gnuplot.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (posix_spawn(&process_, name.c_str(), &actions, nullptr, pointers.data(), environment) !=
        0) {
      process_ = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(process_ > 0);
  }
  ~program() { kill(); }
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  bool running() {
    if (process_ > 0 && waitpid(process_, &status_, WNOHANG) == process_) process_ = -1;
    return process_ > 0;
  }
  //! As `kill -9` does. Returns whether there was still something to kill.
  bool kill() {
    if (!running()) return false;
    ::kill(process_, SIGKILL);
    wait();
    return WIFSIGNALED(status_);
  }
  int wait() {
    if (process_ > 0) waitpid(process_, &status_, 0);
    process_ = -1;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }

 private:
  pid_t process_ = -1;
  int status_ = 0;
};

//! What a report says apart from seconds, which no two invocations share.
inline std::string findings_in(const fs::path& report) {
  const json root = json::parse(content(report / "run.json"));
  std::string text;
  for (const char* name : {"most_selected", "least_selected", "figures", "tables"}) {
    text += root.at(name).dump() + '\n';
  }
  const auto add = [&](json line) {
    for (const char* name : {"seconds", "selection_seconds", "budget_seconds", "selection_us"}) {
      line.erase(name);
    }
    text += line.dump() + '\n';
  };
  for (const json& run : root.at("runs")) add(run);
  std::istringstream steps(content(report / "steps.jsonl"));
  for (std::string line; std::getline(steps, line);) add(json::parse(line));
  std::istringstream epochs(content(report / "epochs.csv"));
  for (std::string line; std::getline(epochs, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; std::getline(fields, field, ','); ++i) {
      if (i != 2 && i != 4) text += field + ',';  // budget and seconds
    }
    text += '\n';
  }
  return text;
}

//! Changes with every save.
inline std::string last_save(const fs::path& folder) {
  std::error_code none_yet;
  std::string text;
  for (const auto& entry : fs::directory_iterator(folder, none_yet)) {
    const auto written = fs::last_write_time(entry.path(), none_yet).time_since_epoch();
    text += entry.path().filename().string() + ' ' + std::to_string(written.count()) + '\n';
  }
  return text;
}

inline words operator+(words all, const words& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

//! Ten kills must leave the same ids, weights and lines as none.
//! @param trainer    the program
//! @param flags      what it is to do with 1500 pictures, some seconds of work
//! @param save_every steps
inline void check_ten_kills(const std::string& trainer, words flags,
                            const std::string& save_every) {
  const scratch_folder scratch;
  const fs::path data = scratch.path() / "data", errors = scratch.path() / "errors";
  fs::create_directory(data);
  write_pictures(data, "train", 1500);
  write_pictures(data, "t10k", 200);
  flags = flags + words{"--data", data, "--quiet"};

  const fs::path whole = scratch.path() / "whole", broken = scratch.path() / "broken";
  const auto started = std::chrono::steady_clock::now();
  REQUIRE(program(trainer, flags + words{"--out", whole}, errors).wait() == 0);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - started);
  // Of what an invocation takes, so that ten kills come before its end on a fast machine as well.
  random_source random(7);
  const auto wait_at_most = [&](double share) {
    const auto most = static_cast<std::uint64_t>(share * static_cast<double>(took.count()));
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(most + 1)));
  };

  const fs::path folder = broken / "checkpoint";
  const words saving = flags + words{"--out", broken, "--save-every", save_every};
  int resumed = 0;
  for (int kills = 0; kills < 10; ++kills) {
    const bool saved = fs::exists(folder / "settings.cbor.gz");
    resumed += saved ? 1 : 0;
    const std::string before = last_save(folder);
    program victim(trainer, saved ? saving + words{"--resume"} : saving, errors);
    // Twice whatever it is at, such as measuring or reading; else after a save, or in the next.
    if (kills % 5 == 0) {
      wait_at_most(.04);
    } else {
      while (victim.running() && last_save(folder) == before) wait_at_most(1e-4);
      wait_at_most(.02);
    }
    INFO(content(errors));
    REQUIRE(victim.kill());
  }
  CHECK(resumed >= 7);
  REQUIRE(fs::exists(folder / "run-0001.cbor.gz"));

  // Neither a new invocation nor one with other flags may touch what is left.
  const std::string left = last_save(folder);
  CHECK(program(trainer, saving, errors).wait() == 1);
  CHECK_THAT(content(errors), contains("not finished"));
  CHECK(program(trainer, saving + words{"--resume", "--beta", "3"}, errors).wait() == 1);
  CHECK_THAT(content(errors), contains("saved without --beta"));
  CHECK(last_save(folder) == left);

  REQUIRE(program(trainer, flags + words{"--out", broken, "--resume"}, errors).wait() == 0);
  CHECK(findings_in(broken) == findings_in(whole));
  CHECK_FALSE(fs::exists(folder));
}

}  // namespace support
