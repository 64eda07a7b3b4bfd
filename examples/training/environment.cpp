// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "environment.hpp"

#include "../common/report_text.hpp"

#include <gradsieve/version.hpp>

#include <cstdio>
#include <fstream>
#include <thread>

namespace training {
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

std::string version_text() {
  return std::to_string(GRADSIEVE_VERSION_MAJOR) + '.' + std::to_string(GRADSIEVE_VERSION_MINOR) +
         '.' + std::to_string(GRADSIEVE_VERSION_PATCH);
}

std::uint64_t fingerprint_of(const dataset& data) {
  const std::span<const std::uint8_t> pixels(data.pixels), labels(data.labels);
  return record::fingerprint(labels, record::fingerprint(pixels));
}

}  // namespace

void describe_environment(const program& what, const request& asked, const prices& cost,
                          const train_and_test& data, double wrong, record::experiment& record) {
  const settings& chosen = asked.chosen;
  auto& lines = record.environment;
  lines.emplace_back("flags", asked.flags.empty() ? "none" : asked.flags);
  lines.emplace_back("gradsieve", version_text());
  lines.emplace_back(what.framework);
  lines.emplace_back("compiler", __VERSION__);
  lines.emplace_back(
      "processor",
      cpu_name() + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores");
  lines.emplace_back("data", chosen.data.string() + ": " + std::to_string(data.train.size()) +
                                 " training and " + std::to_string(data.test.size()) +
                                 " test images");
  lines.emplace_back("network", what.network_name(data.train) + ", batches of " +
                                    std::to_string(chosen.batch_size));
  lines.emplace_back("training step, microseconds an example", number(cost.train_seconds * 1e6));
  lines.emplace_back("forward pass as a share of it", number(cost.forward_share));
  if (data.train.noisy) {
    lines.emplace_back(
        "wrong training labels",
        number(100 * wrong) + " % (" + number(100 * chosen.label_noise) +
            (chosen.noise == noise_kind::next ? " % have the next class's label)"
                                              : " % were redrawn from all classes)"));
  }
}

identity identity_of(const program& what, const request& asked, const train_and_test& data) {
  identity who = asked.deciding;
  who["the training data"] = report::hexadecimal(fingerprint_of(data.train));
  who["the test data"] = report::hexadecimal(fingerprint_of(data.test));
  who["gradsieve"] = version_text();
  who["compiler"] = __VERSION__;
  who.insert(what.framework);
  who.insert(what.arithmetic.begin(), what.arithmetic.end());
  return who;
}

}  // namespace training
