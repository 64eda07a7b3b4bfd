// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan.hpp"

#include "../common/report_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace study {
namespace {

using nlohmann::json;

void refuse(const std::string& why) { throw std::runtime_error(why); }

//! A misspelt key would silently be a default.
void check_keys(const json& object, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) refuse("'" + object.dump() + "' is not an object");
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) == known.end()) refuse("there is no key '" + key + "'");
  }
}

axis read_axis(const json& object) {
  check_keys(object, {"flag", "values", "bounded"});
  axis result{object.at("flag"), object.at("values"), object.value("bounded", false)};
  if (result.values.empty() || !std::ranges::is_sorted(result.values) ||
      std::ranges::adjacent_find(result.values) != result.values.end()) {
    refuse("the values of " + result.flag + " are not ascending");
  }
  return result;
}

candidate read_candidate(const json& object) {
  check_keys(object, {"method", "flags", "grid"});
  candidate result{object.at("method"), object.value("flags", std::vector<std::string>{}), {}};
  for (const json& each : object.value("grid", json::array())) {
    result.grid.push_back(read_axis(each));
  }
  return result;
}

bool positive(const std::vector<double>& values) {
  return !values.empty() && std::ranges::all_of(values, [](double v) { return v > 0; });
}

void check(const plan& made) {
  if (made.methods.empty()) refuse("there are no methods");
  const std::size_t trials = made.baseline().trials();
  for (const candidate& each : made.methods) {
    if (each.trials() != trials) {
      refuse(each.method + " has " + std::to_string(each.trials()) + " trials, " +
             made.baseline().method + " has " + std::to_string(trials) +
             "; every method gets as many");
    }
    const auto same = [&](const candidate& other) { return other.method == each.method; };
    if (std::ranges::count_if(made.methods, same) > 1) refuse(each.method + " is there twice");
  }
  if (!(made.horizon > 0) || !(made.tuning_share > 0)) refuse("a budget is not above 0");
  if (!positive(made.shares) || std::ranges::find(made.shares, 1.0) == made.shares.end()) {
    refuse("the shares must be above 0, with 1 among them");
  }
  for (const double share : made.noise) {
    if (!(share >= 0 && share <= 1)) refuse("noise of " + report::exact(share));
  }
  if (made.noise.empty() || made.tuning_seeds.empty() || made.final_seeds.empty()) {
    refuse("noise or seeds are missing");
  }
  for (const std::uint64_t seed : made.final_seeds) {
    if (std::ranges::find(made.tuning_seeds, seed) != made.tuning_seeds.end()) {
      refuse("seed " + std::to_string(seed) + " was tuned with; finals need fresh ones");
    }
  }
  const auto named = [&](const candidate& each) { return each.method == made.claim; };
  if (made.claim == made.baseline().method || std::ranges::none_of(made.methods, named)) {
    refuse("the claim '" + made.claim + "' is not one of the methods against the baseline");
  }
}

}  // namespace

std::size_t candidate::trials() const {
  std::size_t product = 1;
  for (const axis& each : grid) product *= each.values.size();
  return product;
}

std::vector<std::string> candidate::trial(std::size_t index) const {
  std::vector<std::string> chosen = flags;
  for (const axis& each : grid) {
    chosen.push_back(each.flag);
    chosen.push_back(report::exact(each.values[index % each.values.size()]));
    index /= each.values.size();
  }
  return chosen;
}

plan parse_plan(const std::string& text) {
  const json root = json::parse(text);
  check_keys(root, {"title", "trainer", "flags", "horizon", "shares", "noise", "tuning", "seeds",
                    "claim", "methods"});
  const json& tuning = root.at("tuning");
  check_keys(tuning, {"share", "seeds"});
  plan made{.title = root.at("title"),
            .trainer = root.at("trainer"),
            .flags = root.value("flags", std::vector<std::string>{}),
            .horizon = root.at("horizon"),
            .shares = root.at("shares"),
            .noise = root.at("noise"),
            .tuning_share = tuning.at("share"),
            .tuning_seeds = tuning.at("seeds"),
            .final_seeds = root.at("seeds"),
            .claim = root.at("claim"),
            .methods = {}};
  for (const json& each : root.at("methods")) made.methods.push_back(read_candidate(each));
  check(made);
  return made;
}

plan read_plan(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read the plan " + path.string());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  try {
    return parse_plan(text);
  } catch (const std::exception& error) {
    throw std::runtime_error("the plan " + path.string() + ": " + error.what());
  }
}

}  // namespace study
