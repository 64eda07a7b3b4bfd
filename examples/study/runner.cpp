// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runner.hpp"

#include "../common/process.hpp"
#include "../common/report_text.hpp"
#include "json_number.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace study {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

//! Gone when it goes out of scope.
struct scratch {
  fs::path path;
  explicit scratch(fs::path p) : path(std::move(p)) { fs::remove_all(path); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

row run_one(const plan& of, const task& wanted, const running& how, unsigned worker) {
  const scratch out(how.rows.string() + ".run-" + std::to_string(worker));
  fs::create_directories(out.path);
  const fs::path messages = out.path / "messages";
  std::vector<std::string> command = command_of(of, wanted, how, out.path);
  int status = 0;
  try {
    std::vector<std::string> pinned{"taskset", "--cpu-list", std::to_string(worker)};
    pinned.insert(pinned.end(), command.begin(), command.end());
    status = process::run(std::move(pinned), messages);
  } catch (const process::missing&) {
    try {
      status = process::run(command, messages);
    } catch (const process::missing&) {
      throw std::runtime_error("there is no program " + how.trainer.string());
    }
  }
  if (status != 0) {
    std::string text;
    for (const std::string& word : command) text += word + ' ';
    throw std::runtime_error(text + "ended with status " + std::to_string(status) + ": " +
                             process::one_line(messages));
  }
  return read_result(wanted, out.path, how.side_by_side == 1);
}

}  // namespace

std::vector<std::string> command_of(const plan& of, const task& wanted, const running& how,
                                    const fs::path& out) {
  std::vector<std::string> command{how.trainer.string(),
                                   "--method",
                                   wanted.method,
                                   "--seeds",
                                   std::to_string(wanted.seed),
                                   "--epochs",
                                   report::exact(of.horizon * wanted.share),
                                   "--quiet",
                                   "--data-only",
                                   "--out",
                                   out.string()};
  if (wanted.noise > 0) {
    command.insert(command.end(), {"--label-noise", report::exact(wanted.noise)});
  }
  if (wanted.part == stage::tuning) command.emplace_back("--hold-out");
  for (const auto* more : {&of.flags, &how.flags, &wanted.flags}) {
    command.insert(command.end(), more->begin(), more->end());
  }
  return command;
}

row read_result(const task& of, const fs::path& out, bool alone) {
  const fs::path path = out / "run.json";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("the trainer left no " + path.string());
  try {
    const json root = json::parse(file);
    const json& run = root.at("runs").at(0);
    if (run.at("method") != of.method || run.at("seed") != of.seed) {
      throw std::runtime_error("it is another run's");
    }
    const json& environment = root.at("environment");
    return {.of = of,
            .error = number(run.at("test_error")),
            .nll = number(run.at("test_nll")),
            .forwards = run.at("forwards"),
            .backwards = run.at("backwards"),
            .seconds = run.at("seconds"),
            .selection_seconds = run.at("selection_seconds"),
            .alone = alone,
            .trained_ids = run.at("trained_ids"),
            .final_weights = run.at("final_weights"),
            .processor = environment.at("processor"),
            .library = environment.at("gradsieve")};
  } catch (const std::exception& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

std::size_t run_all(const plan& of, const std::vector<task>& tasks, const running& how) {
  const std::size_t count = how.limit == 0 ? tasks.size() : std::min(how.limit, tasks.size());
  std::size_t next = 0, added = 0;
  std::exception_ptr failure;
  std::mutex lock;
  const auto work = [&](unsigned worker) {
    for (;;) {
      std::size_t mine = 0;
      {
        const std::lock_guard guard(lock);
        if (next == count || failure) return;
        mine = next++;
        if (how.progress) how.progress(tasks[mine], mine, count);
      }
      try {
        const row made = run_one(of, tasks[mine], how, worker);
        const std::lock_guard guard(lock);
        append_row(how.rows, made);
        ++added;
      } catch (...) {
        const std::lock_guard guard(lock);
        if (!failure) failure = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> others;
  for (unsigned worker = 1; worker < how.side_by_side; ++worker) others.emplace_back(work, worker);
  work(0);
  others.clear();
  if (failure) std::rethrow_exception(failure);
  return added;
}

}  // namespace study
