// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "environment.hpp"

#include "../common/report_text.hpp"

#include <gradsieve/version.hpp>

#include <array>
#include <cstdio>
#include <fstream>
#include <thread>

namespace eigen_mlp {
namespace {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) {
      return line.substr(line.find(": ") + 2);
    }
  }
  return "unknown";
}

std::string number(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

template <class Range>
std::string joined(const Range& values, const char* separator) {
  std::string text;
  for (const auto value : values) {
    if (!text.empty()) text += separator;
    text += std::to_string(value);
  }
  return text;
}

std::string version_text() {
  return joined(
      std::array{GRADSIEVE_VERSION_MAJOR, GRADSIEVE_VERSION_MINOR, GRADSIEVE_VERSION_PATCH}, ".");
}

std::string eigen_text() {
  return number(EIGEN_WORLD_VERSION) + "." + number(EIGEN_MAJOR_VERSION) + "." +
         number(EIGEN_MINOR_VERSION) + ", one thread, SIMD: " + Eigen::SimdInstructionSetsInUse();
}

std::uint64_t fingerprint_of(const dataset& data) {
  const std::span<const std::uint8_t> pixels(data.pixels), labels(data.labels);
  return record::fingerprint(labels, record::fingerprint(pixels));
}

}  // namespace

std::string network_name(const settings& chosen) { return joined(layers_of(chosen), "-"); }

void describe_environment(const request& asked, const prices& cost, const train_and_test& data,
                          double wrong, record::experiment& record) {
  const settings& chosen = asked.chosen;
  auto& lines = record.environment;
  lines.emplace_back("flags", asked.flags.empty() ? "none" : asked.flags);
  lines.emplace_back("gradsieve", version_text());
  lines.emplace_back("Eigen", eigen_text());
  lines.emplace_back("compiler", __VERSION__);
  lines.emplace_back(
      "processor",
      cpu_name() + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores");
  lines.emplace_back("data", chosen.data.string() + ": " + std::to_string(data.train.size()) +
                                 " training and " + std::to_string(data.test.size()) +
                                 " test images");
  lines.emplace_back("network",
                     network_name(chosen) + ", batches of " + std::to_string(chosen.batch_size));
  lines.emplace_back("training step, microseconds an example", number(cost.train_seconds * 1e6));
  lines.emplace_back("forward pass as a share of it", number(cost.forward_share));
  if (data.train.noisy) {
    lines.emplace_back("wrong training labels", number(100 * wrong) + " % (" +
                                                    number(100 * chosen.label_noise) +
                                                    " % were redrawn from all classes)");
  }
}

identity identity_of(const request& asked, const train_and_test& data) {
  identity who = asked.deciding;
  who["the training data"] = report::hexadecimal(fingerprint_of(data.train));
  who["the test data"] = report::hexadecimal(fingerprint_of(data.test));
  who["gradsieve"] = version_text();
  who["Eigen"] = eigen_text();
  who["compiler"] = __VERSION__;
  // Eigen cuts its products into blocks that fit these.
  who["caches of"] =
      joined(std::array{Eigen::l1CacheSize(), Eigen::l2CacheSize(), Eigen::l3CacheSize()}, ", ");
  return who;
}

}  // namespace eigen_mlp
