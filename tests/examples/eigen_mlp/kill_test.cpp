// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The program itself, killed at random moments and resumed, against one left in peace.
#include "methods.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/random_source.hpp"
#include "support/scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using words = std::vector<std::string>;

//! The program with these arguments; killed where it still runs at the end.
class program {
 public:
  program(const words& arguments, const fs::path& errors) {
    std::vector<std::string> all{EIGEN_MLP};
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
    if (posix_spawn(&process_, EIGEN_MLP, &actions, nullptr, pointers.data(), environment) != 0) {
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

std::string big_endian(std::size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

//! Pictures that are easy to tell apart, but for some noise, in the files of Fashion-MNIST.
void write_data(const fs::path& folder, const std::string& part, std::size_t count) {
  support::random_source random(count);
  std::string images =
      std::string("\0\0\10\3", 4) + big_endian(count) + big_endian(28) + big_endian(28);
  std::string labels = std::string("\0\0\10\1", 4) + big_endian(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t label = random.below(10);
    labels += static_cast<char>(label);
    for (std::uint64_t pixel = 0; pixel < 28 * 28; ++pixel) {
      const std::uint64_t bright = pixel / 28 * 10 / 28 == label ? 60 : 0;
      images += static_cast<char>(bright + random.below(196));
    }
  }
  support::write(folder / (part + "-images-idx3-ubyte.gz"), images);
  support::write(folder / (part + "-labels-idx1-ubyte.gz"), labels);
}

//! What a report says apart from seconds, which no two invocations share.
std::string findings_in(const fs::path& report) {
  const json root = json::parse(support::content(report / "run.json"));
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
  std::istringstream steps(support::content(report / "steps.jsonl"));
  for (std::string line; std::getline(steps, line);) add(json::parse(line));
  std::istringstream epochs(support::content(report / "epochs.csv"));
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
std::string last_save(const fs::path& folder) {
  std::error_code none_yet;
  std::string text;
  for (const auto& entry : fs::directory_iterator(folder, none_yet)) {
    const auto written = fs::last_write_time(entry.path(), none_yet).time_since_epoch();
    text += entry.path().filename().string() + ' ' + std::to_string(written.count()) + '\n';
  }
  return text;
}

words operator+(words all, const words& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST_CASE("ten kills at random moments: the same ids, weights and lines as without") {
  const support::scratch_folder scratch;
  const fs::path data = scratch.path() / "data", errors = scratch.path() / "errors";
  fs::create_directory(data);
  write_data(data, "train", 1500);
  write_data(data, "t10k", 200);
  words flags{"--data", data, "--seeds", "3", "--epochs", "4", "--layers", "12", "--batch-size"};
  flags = flags + words{"16", "--momentum", "0.5", "--label-noise", "0.1", "--curves", "--quiet"};
  for (const eigen_mlp::method& each : eigen_mlp::methods()) {
    flags = flags + words{"--method", std::string(each.name)};
  }

  const fs::path whole = scratch.path() / "whole", broken = scratch.path() / "broken";
  REQUIRE(program(flags + words{"--out", whole}, errors).wait() == 0);

  const fs::path folder = broken / "checkpoint";
  const words saving = flags + words{"--out", broken, "--save-every", "5"};
  support::random_source random(7);
  int resumed = 0;
  for (int kills = 0; kills < 10; ++kills) {
    const bool started = fs::exists(folder / "settings.cbor.gz");
    resumed += started ? 1 : 0;
    const std::string before = last_save(folder);
    program victim(started ? saving + words{"--resume"} : saving, errors);
    // Twice whatever it is at, such as measuring or reading; else after a save, or in the next.
    if (kills % 5 == 0) {
      usleep(static_cast<useconds_t>(random.below(100'000)));
    } else {
      while (victim.running() && last_save(folder) == before) usleep(100);
      usleep(static_cast<useconds_t>(random.below(30'000)));
    }
    INFO(support::content(errors));
    REQUIRE(victim.kill());
  }
  CHECK(resumed >= 7);
  REQUIRE(fs::exists(folder / "run-0001.cbor.gz"));

  // Neither a new invocation nor one with other flags may touch what is left.
  const std::string left = last_save(folder);
  CHECK(program(saving, errors).wait() == 1);
  CHECK_THAT(support::content(errors), contains("not finished"));
  CHECK(program(saving + words{"--resume", "--beta", "3"}, errors).wait() == 1);
  CHECK_THAT(support::content(errors), contains("saved without --beta"));
  CHECK(last_save(folder) == left);

  REQUIRE(program(flags + words{"--out", broken, "--resume"}, errors).wait() == 0);
  CHECK(findings_in(broken) == findings_in(whole));
  CHECK_FALSE(fs::exists(folder));
}

}  // namespace
