// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "results.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "report_text.hpp"

namespace bench_report {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::array<const char*, 3> statistics = {"median", "min", "max"};

std::vector<std::string> words(const std::string& text, char separator) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) result.push_back(word);
  return result;
}

//! Whether Google Benchmark added this part of a name by itself.
bool is_decoration(const std::string& part) {
  return part.starts_with("iterations:") || part.starts_with("repeats:") || part == "manual_time" ||
         part == "real_time";
}

entry named(const std::string& run_name, const fs::path& file) {
  const auto parts = words(run_name, '/');
  if (parts.size() < 3) {
    throw failure(file.string() + ": '" + run_name + "' is not a benchmark of this library");
  }
  entry result{.build = parts[0], .task = parts[1], .who = parts[2], .problem = {}, .counters = {}};
  for (std::size_t i = 3; i < parts.size(); ++i) {
    if (is_decoration(parts[i])) continue;
    result.problem += (result.problem.empty() ? "" : "/") + parts[i];
  }
  return result;
}

ordered_json load(const fs::path& file) {
  std::ifstream stream(file);
  if (!stream) throw failure("there is no file " + file.string());
  ordered_json json = ordered_json::parse(stream, nullptr, false);
  if (!json.is_object() || !json.contains("context") || !json.contains("benchmarks")) {
    throw failure(file.string() + " is not a result of Google Benchmark");
  }
  return json;
}

std::string text_of(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

results parse(const ordered_json& json, const fs::path& file) {
  results result;
  for (const auto& [key, value] : json["context"].items()) {
    if (value.is_primitive()) result.machine[key] = text_of(value);
  }
  std::map<std::string, std::size_t> places;
  for (const auto& line : json["benchmarks"]) {
    const auto name = line.value("run_name", std::string());
    if (line.contains("error_message")) {
      throw failure(name + ": " + line["error_message"].get<std::string>());
    }
    const auto statistic = line.value("aggregate_name", std::string());
    const auto [place, fresh] = places.try_emplace(name, result.entries.size());
    if (fresh) result.entries.push_back(named(name, file));
    entry& e = result.entries[place->second];
    e.repetitions = line.value("repetitions", 1);
    const double seconds = line.value("per_example", 0.0);
    if (statistic == "min") e.least = seconds;
    if (statistic == "max") e.most = seconds;
    if (statistic != "median") continue;
    e.median = seconds;
    for (const char* counter : {"checksum", "share", "lines", "bytes", "warm", "waits"}) {
      if (line.contains(counter)) e.counters[counter] = line[counter].get<double>();
    }
  }
  for (const entry& e : result.entries) {
    if (!(e.least > 0 && e.median >= e.least && e.most >= e.median)) {
      throw failure(file.string() + ": " + e.build + '/' + e.task + '/' + e.who + '/' + e.problem +
                    " has no median, minimum and maximum");
    }
  }
  return result;
}

//! Interleaved repetitions come in any order. Tasks in that of a trainer's interest, then problems
//! from small to large, then the library before its rivals.
struct place {
  std::size_t task = 0;
  std::string name, variant;
  std::array<double, 3> sizes{};
  std::string problem;
  bool rival = false;
  std::string who, build;

  explicit place(const entry& e)
      : name(e.task),
        variant(e.variant()),
        problem(e.problem),
        rival(e.who != self),
        who(e.who),
        build(e.build) {
    static constexpr std::array<std::string_view, 15> first = {
        "pick",      "weights",          "plan",        "plan_batches", "observe",
        "quantiles", "window",           "poisson",     "exactly_k",    "top_k",
        "random_k",  "with_replacement", "tensor_pick", "tensor_epoch", "training"};
    task = static_cast<std::size_t>(std::find(first.begin(), first.end(), e.task) - first.begin());
    sizes = {e.parameter("N").value_or(0), e.parameter("H").value_or(0),
             e.parameter("k").value_or(0)};
  }

  auto order() const { return std::tie(task, name, variant, sizes, problem, rival, who, build); }
};

//! What says nothing about speed, or names this machine's owner.
bool is_private(const std::string& key) {
  return key == "executable" || key == "host_name" || key == "load_avg";
}

//! The line with six digits of each time, and without what numbers the families of one run.
ordered_json shortened(ordered_json line) {
  line.erase("family_index");
  line.erase("per_family_instance_index");
  for (auto& [key, value] : line.items()) {
    if (value.is_number_float()) {
      value = std::stod(report::significant(value.get<double>(), key == "checksum" ? 10 : 6));
    }
  }
  return line;
}

}  // namespace

std::optional<double> entry::parameter(std::string_view letter) const {
  for (const std::string& part : words(problem, '/')) {
    if (part.starts_with(std::string(letter) + ':'))
      return std::stod(part.substr(letter.size() + 1));
  }
  return std::nullopt;
}

std::string entry::variant() const {
  std::string result;
  for (const std::string& part : words(problem, '/')) {
    if (part.find(':') == std::string::npos) result += (result.empty() ? "" : "/") + part;
  }
  return result;
}

const entry* results::find(std::string_view build, std::string_view task, std::string_view who,
                           std::string_view problem) const {
  for (const entry& e : entries) {
    if (e.build == build && e.task == task && e.who == who && e.problem == problem) return &e;
  }
  return nullptr;
}

results read(const fs::path& file) { return parse(load(file), file); }

void check_answers(const results& measured) {
  std::map<std::string, const entry*> first;
  for (const entry& e : measured.entries) {
    const auto sum = e.counters.find("checksum");
    if (sum == e.counters.end()) continue;
    const std::string problem = e.task + ' ' + e.problem;
    const auto [place, fresh] = first.try_emplace(problem, &e);
    const entry& other = *place->second;
    if (!fresh && other.counters.at("checksum") != sum->second) {
      throw failure("wrong answer: " + problem + ": " + other.build + '/' + other.who + " and " +
                    e.build + '/' + e.who + " do not select the same");
    }
  }
}

void merge(const std::vector<fs::path>& inputs, const fs::path& output) {
  ordered_json joined = {{"context", ordered_json::object()},
                         {"benchmarks", ordered_json::array()}};
  auto& context = joined["context"];
  for (const fs::path& input : inputs) {
    const ordered_json json = load(input);
    const std::string build = json["context"].value("build", std::string());
    for (const auto& [key, value] : json["context"].items()) {
      if (is_private(key) || key == "build") continue;
      if (key == "flags") {
        context["flags_" + build] = value;
      } else if (!context.contains(key)) {
        context[key] = value;
      }
    }
    for (const auto& line : json["benchmarks"]) {
      const auto statistic = line.value("aggregate_name", std::string());
      if (line.contains("error_message") ||
          std::find(statistics.begin(), statistics.end(), statistic) != statistics.end()) {
        joined["benchmarks"].push_back(shortened(line));
      }
    }
  }
  check_answers(parse(joined, output));
  std::vector<std::pair<place, const ordered_json*>> lines;
  for (const auto& line : joined["benchmarks"]) {
    lines.emplace_back(named(line["run_name"].get<std::string>(), output), &line);
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first.order() < b.first.order(); });
  std::ofstream stream(output);
  // A line for each: small, and fit for diff.
  stream << "{\n\"context\": " << context.dump() << ",\n\"benchmarks\": [\n";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    stream << lines[i].second->dump() << (i + 1 < lines.size() ? ",\n" : "\n");
  }
  stream << "]\n}\n";
  if (!stream.flush()) throw failure("cannot write " + output.string());
}

}  // namespace bench_report
