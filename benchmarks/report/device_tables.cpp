// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "device_tables.hpp"

#include <algorithm>
#include <array>

#include "report_text.hpp"
#include "tables.hpp"

namespace bench_report {
namespace {

//! A device's measurements, looked at call by call.
class device {
 public:
  explicit device(const results& measured) : measured_(measured) {
    for (const entry& e : measured.entries) {
      if (e.task == "floor" && e.who == "copy" &&
          (copy_ == nullptr || e.parameter("N") > copy_->parameter("N"))) {
        copy_ = &e;
      }
    }
  }

  const entry* find(std::string_view task, std::string_view who, std::string_view problem) const {
    return measured_.find(device_build, task, who, problem);
  }
  const entry* empty_node() const { return find("floor", "empty_node", "N:1"); }

  //! Bytes a second of the largest copy, read and written.
  std::optional<double> copy_rate() const {
    if (copy_ == nullptr) return std::nullopt;
    return copy_->counters.at("bytes") / copy_->median;
  }
  //! The rate of the bytes that the call cannot do without, in that of the copy.
  std::optional<double> share_of_copy(const entry& e) const {
    const auto bytes = e.counters.find("bytes");
    const auto rate = copy_rate();
    if (bytes == e.counters.end() || !rate) return std::nullopt;
    return bytes->second / e.median / *rate;
  }

 private:
  const results& measured_;
  const entry* copy_ = nullptr;
};

std::string figure(double value) {
  if (value >= 99.95) return readable(value);
  if (value >= 9.995) return report::fixed(value, 1);
  return value >= 0.0995 ? report::fixed(value, 2) : report::significant(value, 2);
}
double microseconds_a_call(const entry& e) { return 1e6 * e.median * e.parameter("N").value_or(1); }
std::string percent_text(std::optional<double> share) {
  return share ? report::fixed(100 * *share, 0) + " %" : "-";
}
std::string ratio_text(const entry& rival, const entry& ours) {
  return figure(rival.median / ours.median) + "x";
}

//! What a reader must know of a row: two short words at most.
std::string remarks_text(const entry& e) {
  std::string text = e.counters.contains("warm") ? "warm" : "";
  if (e.counters.contains("waits")) text += text.empty() ? "waits" : ", waits";
  return text.empty() ? text : " (" + text + ")";
}

std::vector<std::string> distinct_tasks(const results& measured) {
  std::vector<std::string> found;
  for (const entry& e : measured.entries) {
    if (std::find(found.begin(), found.end(), e.task) == found.end()) found.push_back(e.task);
  }
  return found;
}

// The README's table.

struct headline {
  const char* text;
  const char* task;
  const char* problem;
};
constexpr std::array headlines = {
    headline{"pick", "pick", "N:4096/H:1024"},
    headline{"pick", "pick", "N:1048576/H:1024"},
    headline{"pick", "pick", "N:16777216/H:1024"},
    headline{"pick", "pick", "N:1000000000/H:1024"},
    headline{"exactly k", "exactly_k", "N:1048576/k:262144"},
    headline{"weights of all", "weights", "N:1048576/H:1024"},
    headline{"rows gathered", "gather", "N:349526/bytes:3072"},
    headline{"rows queued up", "accumulate", "N:349526/bytes:3072"},
    headline{"losses recorded", "observe", "N:65536/examples:67108864"},
    headline{"an epoch planned", "plan", "N:67108864"},
};

std::string headline_table(const results& measured) {
  const device on(measured);
  report::table table{
      {{"a call", "microseconds", "of a copy's rate", "instead of", "its time", "ratio"}}};
  for (const headline& line : headlines) {
    const entry* ours = on.find(line.task, self, line.problem);
    if (ours == nullptr) continue;
    std::string text =
        std::string(line.text) + ": " + readable_problem(*ours) + remarks_text(*ours);
    for (const entry& rival : measured.entries) {
      if (rival.task != line.task || rival.problem != line.problem || rival.who == self) continue;
      table.rows.push_back({text, figure(microseconds_a_call(*ours)),
                            percent_text(on.share_of_copy(*ours)),
                            display_name(rival.who) + remarks_text(rival),
                            figure(microseconds_a_call(rival)), ratio_text(rival, *ours)});
      text.clear();
    }
  }
  return table.markdown();
}

// Goals, which are an H200's.

class goals {
 public:
  explicit goals(const results& measured) : on_(measured) {}

  void at_most_us(const std::string& what, const char* problem, double limit) {
    if (const entry* e = on_.find("pick", self, problem)) {
      add(what, "at most", limit, microseconds_a_call(*e), " µs");
    }
  }
  void of_a_copy(const std::string& what, const char* task, const char* problem, double percent) {
    const entry* e = on_.find(task, self, problem);
    if (e == nullptr) return;
    if (const auto share = on_.share_of_copy(*e)) {
      add(what, "at least", percent, 100 * *share, " % of a copy's rate");
    }
  }
  void faster_than(const std::string& what, const char* who, const char* problem, double factor) {
    const entry* ours = on_.find("pick", self, problem);
    const entry* rival = on_.find("pick", who, problem);
    if (ours != nullptr && rival != nullptr) {
      add(what, "at least", factor, rival->median / ours->median, "x");
    }
  }
  std::string markdown() const { return table_.markdown(); }

 private:
  void add(const std::string& what, const std::string& side, double limit, double value,
           const std::string& unit) {
    const bool met = side == "at most" ? value <= limit : value >= limit;
    table_.rows.push_back(
        {what, side + " " + figure(limit) + unit, figure(value) + unit, met ? "yes" : "no"});
  }

  device on_;
  report::table table_{{{"goal", "", "measured", "met"}}};
};

std::string goal_table(const results& measured) {
  goals table(measured);
  table.at_most_us("pick of 4096, decide then update", "N:4096/H:1024/decide_then_update", 4);
  table.at_most_us("pick of 4096, the sort in front", "N:4096/H:1024", 5.5);
  table.at_most_us("pick of 2^20", "N:1048576/H:1024", 6);
  table.at_most_us("pick of 2^24", "N:16777216/H:1024", 28);
  table.of_a_copy("pick of 2^24", "pick", "N:16777216/H:1024", 74);
  table.at_most_us("pick of 1e9", "N:1000000000/H:1024", 1600);
  table.of_a_copy("pick of 1e9", "pick", "N:1000000000/H:1024", 78);
  table.faster_than("pick of 1e9, against CUB", "cub_select", "N:1000000000/H:1024", 1.2);
  table.faster_than("pick of 1e9, against eager PyTorch", "eager_pytorch", "N:1000000000/H:1024",
                    10);
  table.of_a_copy("gather of rows", "gather", "N:349526/bytes:3072", 85);
  return table.markdown();
}

// Everything.

std::string task_table(const results& measured, const std::string& task) {
  const device on(measured);
  report::table table{
      {{"problem", "who", "microseconds a call", "ns an example", "of a copy's rate", "ratio"}}};
  std::string last;
  for (const entry& e : measured.entries) {
    if (e.task != task) continue;
    const entry* ours = on.find(task, self, e.problem);
    table.rows.push_back({e.problem == last ? "" : readable_problem(e),
                          display_name(e.who) + remarks_text(e), figure(microseconds_a_call(e)),
                          figure(1e9 * e.median), percent_text(on.share_of_copy(e)),
                          ours != nullptr && ours != &e ? ratio_text(e, *ours) : "-"});
    last = e.problem;
  }
  return table.markdown();
}

std::string machine_table(const results& measured) {
  const device on(measured);
  report::table table{{{"", ""}}};
  for (const char* key : {"device", "driver", "cuda", "processor", "compiler", "flags_gpu",
                          "commit", "gradsieve", "torch", "date"}) {
    const auto found = measured.machine.find(key);
    if (found == measured.machine.end()) continue;
    table.rows.push_back({std::string(key) == "flags_gpu" ? "flags" : key, found->second});
  }
  if (const entry* node = on.empty_node()) {
    table.rows.push_back({"an empty node of a graph", figure(1e6 * node->median) + " µs"});
  }
  if (const auto rate = on.copy_rate()) {
    table.rows.push_back({"a large copy, read and written", figure(1e-9 * *rate) + " GB/s"});
  }
  return table.markdown();
}

}  // namespace

bool is_device(const results& measured) {
  return std::any_of(measured.entries.begin(), measured.entries.end(),
                     [](const entry& e) { return e.build == device_build; });
}

std::string device_markdown(const results& measured) {
  std::string page =
      "# Benchmarks of the kernels\n\n" + headline_table(measured) +
      "\nMedians, on the device's own clock. A ratio above 1 is how many times longer the rival "
      "takes; \"of a\ncopy's rate\" compares the bytes that a call cannot do without with what a "
      "large copy moves. All were\nmeasured in the same run. Warm: all that the calls touch fits "
      "the second cache, so memory is no part of\nthe time. Waits: the host waits for the device "
      "in each call, which is part of the time.\n\n" +
      machine_table(measured) + "\n## Goals\n\nSet for an H200.\n\n" + goal_table(measured);
  for (const std::string& task : distinct_tasks(measured)) {
    std::string title = task;
    std::replace(title.begin(), title.end(), '_', ' ');
    page += "\n## " + title + "\n\n" + task_table(measured, task);
  }
  return page;
}

}  // namespace bench_report
