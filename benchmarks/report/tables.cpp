// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "report_text.hpp"

namespace bench_report {
namespace {

constexpr std::array<const char*, 2> builds = {"native", "generic"};

//! Where something was measured that is no matter of builds, as Python's loop, it stands for both.
const entry* find(const results& measured, const std::string& build, const std::string& task,
                  const std::string& who, const std::string& problem) {
  const entry* here = measured.find(build, task, who, problem);
  return here != nullptr ? here : measured.find("python", task, who, problem);
}

std::string nanoseconds(const entry* e) {
  if (e == nullptr) return "-";
  const double ns = 1e9 * e->median;
  return ns < 9.995 ? report::fixed(ns, 2) : ns < 99.95 ? report::fixed(ns, 1) : readable(ns);
}

std::string ratio(const entry* rival, const entry* ours) {
  if (rival == nullptr || ours == nullptr) return "-";
  const double factor = rival->median / ours->median;
  return factor < 0.95 ? report::significant(factor, 2) + "x" : report::multiple(factor);
}

std::string spaced(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

//! Tasks, or the problems of one, in the order in which they were first measured.
template <class Key>
std::vector<std::string> distinct(const results& measured, Key key) {
  std::vector<std::string> found;
  for (const entry& e : measured.entries) {
    const std::string value = key(e);
    if (!value.empty() && std::find(found.begin(), found.end(), value) == found.end()) {
      found.push_back(value);
    }
  }
  return found;
}

//! Of someone's measurements of a task without a variant, the one with the largest N.
const entry* largest(const results& measured, const std::string& build, const std::string& task,
                     std::string_view who) {
  const entry* best = nullptr;
  for (const entry& e : measured.entries) {
    if (e.build != build || e.task != task || e.who != who || !e.variant().empty()) continue;
    if (best == nullptr || e.parameter("N") > best->parameter("N")) best = &e;
  }
  return best;
}

//! The largest N that the rival was measured at too.
const entry* largest_with(const results& measured, const std::string& task,
                          const std::string& rival) {
  const entry* best = nullptr;
  for (const entry& e : measured.entries) {
    if (e.build != builds[0] || e.task != task || e.who != self || !e.variant().empty()) continue;
    if (find(measured, builds[0], task, rival, e.problem) == nullptr) continue;
    if (best == nullptr || e.parameter("N") > best->parameter("N")) best = &e;
  }
  return best;
}

// The README's table.

struct headline {
  const char* text;
  const char* task;
  const char* rival;
  const char* problem = nullptr;  //!< null: the largest that both were measured at
};

constexpr std::array headlines = {
    headline{"select from a batch", "pick", "lower_bound_pow_mt19937_64", "N:65536/H:1024"},
    headline{"select from a batch", "pick", "published_rule", "N:65536/H:1024"},
    headline{"select from a batch", "pick", "published_loop", "N:65536/H:1024"},
    headline{"select from a batch", "pick", "copy", "N:65536/H:1024"},
    headline{"select from a small batch", "pick", "lower_bound_pow_mt19937_64", "N:128/H:1024"},
    headline{"plan an epoch", "plan", "sort_and_shuffle"},
    headline{"plan an epoch", "plan", "read_once"},
    headline{"the plan's random order", "plan_batches", "copy_and_shuffle"},
    headline{"record losses of scattered ids", "observe", "scatter_8_bytes"},
    headline{"exactly k", "exactly_k", "lower_bound_pow_exponential"},
    headline{"top k", "top_k", "nth_element"},
    headline{"k at random", "random_k", "sample"},
    headline{"k with replacement", "with_replacement", "discrete_distribution"},
    headline{"select from a tensor", "tensor_pick", "composed", "N:65536/H:1024"},
    headline{"select from a small tensor", "tensor_pick", "composed", "N:128/H:1024"},
    headline{"plan an epoch and observe it, tensors", "tensor_epoch", "composed"},
};

std::string headline_table(const results& measured) {
  report::table table{{{"nanoseconds an example", "gradsieve", "generic build", "instead of",
                        "its time", "ratio"}}};
  std::string last;
  for (const headline& line : headlines) {
    const entry* ours = line.problem != nullptr
                            ? measured.find(builds[0], line.task, self, line.problem)
                            : largest_with(measured, line.task, line.rival);
    if (ours == nullptr) continue;
    const entry* rival = find(measured, builds[0], line.task, line.rival, ours->problem);
    if (rival == nullptr) continue;
    const std::string text = std::string(line.text) + ": " + readable_problem(*ours);
    table.rows.push_back({text == last ? "" : text, nanoseconds(ours),
                          nanoseconds(measured.find(builds[1], line.task, self, ours->problem)),
                          display_name(line.rival), nanoseconds(rival), ratio(rival, ours)});
    last = text;
  }
  return table.markdown();
}

// Goals.

class goals {
 public:
  explicit goals(const results& measured) : measured_(measured) {}

  void at_most(const std::string& what, std::optional<double> value, double limit,
               const std::string& unit) {
    if (!value) return;
    table_.rows.push_back(
        {what, figure(limit) + unit, figure(*value) + unit, *value <= limit ? "yes" : "no"});
  }
  //! Nanoseconds of one call for `examples`.
  std::optional<double> pick(const char* build, const std::string& problem,
                             double examples = 1) const {
    const entry* e = measured_.find(build, "pick", self, problem);
    if (e == nullptr) return std::nullopt;
    return 1e9 * examples * e->median;
  }
  //! Times the floor that the rival sets, at the largest N.
  std::optional<double> over(const std::string& task, const std::string& rival) const {
    const entry* ours = largest(measured_, builds[0], task, self);
    // A small ledger lies in the cache, where it is no matter of memory.
    if (ours == nullptr || ours->parameter("N") < 1e6) return std::nullopt;
    const entry* floor = measured_.find(builds[0], task, rival, ours->problem);
    if (floor == nullptr) return std::nullopt;
    return ours->median / floor->median;
  }
  std::optional<double> share(const std::string& method) const {
    for (const entry& e : measured_.entries) {
      // An epoch of a small data set is over before its plan has paid for the quantiles.
      if (e.task == "training" && e.variant() == method && e.parameter("N") >= 60'000) {
        return 100 * e.counters.at("share");
      }
    }
    return std::nullopt;
  }
  std::optional<double> umbrella() const {
    const entry* ours = measured_.find("generic", "include", self, "gradsieve.hpp");
    const entry* theirs = measured_.find("generic", "include", "standard_headers", "gradsieve.hpp");
    if (ours == nullptr || theirs == nullptr) return std::nullopt;
    return ours->median / theirs->median;
  }
  //! Seconds that the adapter adds to torch's own headers, least against least.
  std::optional<double> adapter() const {
    const entry* ours = measured_.find("generic", "include", self, "libtorch.hpp");
    const entry* theirs = measured_.find("generic", "include", "torch_headers", "libtorch.hpp");
    if (ours == nullptr || theirs == nullptr) return std::nullopt;
    return ours->least - theirs->least;
  }
  std::string markdown() const { return table_.markdown(); }

 private:
  static std::string figure(double value) {
    return value < 99.95 ? report::significant(value, 3) : readable(value);
  }

  const results& measured_;
  report::table table_{{{"goal", "at most", "measured", "met"}}};
};

std::string goal_table(const results& measured) {
  goals table(measured);
  table.at_most("pick, an example of 65536, native", table.pick("native", "N:65536/H:1024"), 1.0,
                " ns");
  table.at_most("… decide, then update", table.pick("native", "N:65536/H:1024/decide_then_update"),
                1.0, " ns");
  table.at_most("pick, an example of 65536, generic", table.pick("generic", "N:65536/H:1024"), 2.0,
                " ns");
  table.at_most("pick, a batch of 128, native", table.pick("native", "N:128/H:1024", 128), 2500,
                " ns");
  table.at_most("… decide, then update",
                table.pick("native", "N:128/H:1024/decide_then_update", 128), 2500, " ns");
  // Four passes at 60 % of what reading alone reaches.
  table.at_most("plan, in reads of the ledger", table.over("plan", "read_once"), 4 / 0.6, "");
  table.at_most("observe, in bare scatters", table.over("observe", "scatter_8_bytes"), 1.5, "");
  for (const char* method : {"plan", "sb", "skip"}) {
    table.at_most(std::string("selection's share of training by ") + method, table.share(method),
                  0.5, " %");
  }
  table.at_most("including gradsieve.hpp, in the standard headers it needs", table.umbrella(), 1.5,
                "");
  table.at_most("including libtorch.hpp after torch/torch.h", table.adapter(), 0.5, " s");
  return table.markdown();
}

// Everything.

std::string task_table(const results& measured, const std::string& task) {
  report::table table{{{"problem", "who", "native, ns", "ratio", "generic, ns", "ratio"}}};
  const auto problems = distinct(
      measured, [&](const entry& e) { return e.task == task ? "=" + e.problem : std::string(); });
  for (const std::string& marked : problems) {
    const std::string problem = marked.substr(1);
    auto names = distinct(measured, [&](const entry& e) {
      return e.task == task && e.problem == problem ? e.who : std::string();
    });
    std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
      const auto seconds = [&](const std::string& who) {
        const entry* e = find(measured, builds[0], task, who, problem);
        return e == nullptr ? 0 : e->median;
      };
      return (a == self) != (b == self) ? a == self : seconds(a) > seconds(b);
    });
    for (const std::string& who : names) {
      std::vector<std::string> row = {"", display_name(who)};
      for (const char* build : builds) {
        const entry* e = find(measured, build, task, who, problem);
        if (e != nullptr && who == names.front()) row[0] = readable_problem(*e);
        row.push_back(nanoseconds(e));
        row.push_back(ratio(e, measured.find(build, task, self, problem)));
      }
      table.rows.push_back(row);
    }
  }
  return table.markdown();
}

std::string training_table(const results& measured) {
  report::table table{{{"method", "images", "selection's share, %"}}};
  for (const entry& e : measured.entries) {
    if (e.task != "training") continue;
    table.rows.push_back({e.variant(), readable(e.parameter("N").value_or(0)),
                          report::fixed(100 * e.counters.at("share"), 2)});
  }
  return table.rows.size() > 1 ? table.markdown() : "";
}

std::string included(const entry& e) {
  const bool adapter = e.problem == "libtorch.hpp";
  if (e.who != self) return adapter ? "torch/torch.h" : "the standard headers it needs";
  return adapter ? "torch/torch.h, " + e.problem : e.problem;
}

std::string include_table(const results& measured) {
  report::table table{{{"header", "seconds at -O0", "preprocessed lines"}}};
  for (const entry& e : measured.entries) {
    if (e.task != "include") continue;
    const auto lines = e.counters.find("lines");
    table.rows.push_back({included(e), report::fixed(e.median, 2),
                          lines == e.counters.end() ? "-" : readable(lines->second)});
  }
  return table.rows.size() > 1 ? table.markdown() : "";
}

std::string machine_table(const results& measured) {
  report::table table{{{"", ""}}};
  for (const char* key : {"processor", "num_cpus", "compiler", "flags_native", "flags_generic",
                          "commit", "gradsieve", "python", "date"}) {
    const auto found = measured.machine.find(key);
    if (found != measured.machine.end()) table.rows.push_back({spaced(key), found->second});
  }
  if (const entry* read = largest(measured, builds[0], "plan", "read_once")) {
    table.rows.push_back(
        {"reading " + readable(read->parameter("N").value_or(0)) + " entries of a ledger, one core",
         report::significant(8e-9 / read->median, 3) + " GB/s"});
  }
  return table.markdown();
}

}  // namespace

std::string readable(double number) {
  std::string digits = report::fixed(number, 0);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, "\u202f");
  return digits;
}

std::string readable_problem(const entry& e) {
  std::string text;
  for (const char* letter :
       {"N", "H", "k", "rows", "columns", "batch", "examples", "bytes", "threads"}) {
    const auto value = e.parameter(letter);
    if (!value) continue;
    text += (text.empty() ? "" : ", ") + std::string(letter) + " " + readable(*value);
  }
  const std::string variant = e.variant();
  if (!variant.empty()) text += (text.empty() ? "" : ", ") + spaced(variant);
  return text;
}

std::string display_name(const std::string& who) {
  static const std::map<std::string, std::string> names = {
      {"lower_bound_pow_mt19937_64", "lower_bound, pow, mt19937_64"},
      {"lower_bound_pow", "lower_bound, pow"},
      {"published_rule", "the published rule in C++"},
      {"published_loop", "the published loop in Python"},
      {"copy", "a bare copy"},
      {"read_once", "one read of the ledger"},
      {"sort_and_shuffle", "sort, pow, mt19937_64, shuffle"},
      {"scatter_8_bytes", "a bare scatter of 8 bytes"},
      {"sorted_copy", "sort of a copy"},
      {"boost_p_square_deciles", "Boost's P², nine quantiles"},
      {"nth_element_median_only", "nth_element, the median alone"},
      {"bernoulli_distribution", "bernoulli_distribution"},
      {"pow_alone", "pow alone"},
      {"exponential_nth_element", "exponential keys, nth_element"},
      {"lower_bound_pow_exponential", "lower_bound, pow, exponential keys, nth_element"},
      {"copy_and_shuffle", "a copy, shuffle"},
      {"float_sum", "a sum in float"},
      {"avx2", "the same in AVX2's vectors"},
      {"scalar", "the scalar code it stands for"},
      {"pass_for_each", "a pass for each number"},
      {"no_executor", "the same without an executor"},
      {"nth_element", "nth_element"},
      {"discrete_distribution", "discrete_distribution"},
      {"uncontrolled", "a pick that nobody controls"},
      {"two_normals", "two normal components, ten steps"},
      {"sorted", "a sort of the losses"},
      {"composed", "sort, searchsorted, pow, rand, nonzero of torch"},
      {"torch_headers", "torch/torch.h"},
      {"cub_select", "CUB's DeviceSelect"},
      {"cub_radix_sort", "CUB's radix sort"},
      {"thrust_copy_if", "Thrust's copy_if"},
      {"thrust_transform_reduce", "Thrust's transform and reduce"},
      {"thrust_gather", "Thrust's gather"},
      {"thrust_gather_and_wait", "Thrust's gather, waiting for the count"},
      {"thrust_scatter", "Thrust's scatter"},
      {"eager_pytorch", "eager PyTorch"},
  };
  const auto found = names.find(who);
  return found != names.end() ? found->second : spaced(who);
}

std::string markdown(const results& measured) {
  std::string page = "# Benchmarks\n\n" + headline_table(measured) +
                     "\nA ratio above 1 is how many times longer the rival takes. The rivals were "
                     "measured in the same\nrun, native builds of both; medians.\n\n" +
                     machine_table(measured) + "\n## Goals\n\n" + goal_table(measured);
  if (const auto table = training_table(measured); !table.empty()) {
    page += "\n## Selection's share of a training step\n\n" + table;
  }
  const auto tasks = distinct(measured, [](const entry& e) { return e.task; });
  for (const std::string& task : tasks) {
    if (task == "training" || task == "include") continue;
    page += "\n## " + spaced(task) + "\n\n" + task_table(measured, task);
  }
  if (const auto table = include_table(measured); !table.empty()) {
    page += "\n## Cost of inclusion\n\n" + table;
  }
  return page;
}

}  // namespace bench_report
