// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "description.hpp"

#include "planner.hpp"
#include "train.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace libtorch_cifar10 {
namespace {

//! What the flags say, and what follows from them once they are read.
struct flags {
  std::optional<at::DeviceType> device;
  std::optional<precision> type;
  std::int64_t width = 64;

  configuration chosen() const {
    const auto here = at::globalContext().hasCUDA() ? at::kCUDA : at::kCPU;
    const auto where = device.value_or(here);
    const auto usual = where == at::kCUDA ? precision::bf16 : precision::fp32;
    if (where == at::kCUDA) at::globalContext().setBenchmarkCuDNN(true);
    return {.device = where == at::kCUDA ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU),
            .type = type.value_or(usual),
            .width = width};
  }
};

void add_flags(flags& asked, CLI::App& app) {
  const std::map<std::string, at::DeviceType> devices{{"cpu", at::kCPU}, {"cuda", at::kCUDA}};
  const std::map<std::string, precision> types{
      {"fp32", precision::fp32}, {"bf16", precision::bf16}, {"fp16", precision::fp16}};
  app.add_option_function<std::string>(
         "--device",
         [&asked, devices](const std::string& name) { asked.device = devices.at(name); },
         "cuda where there is one, or cpu")
      ->check(CLI::IsMember({"cpu", "cuda"}));
  app.add_option_function<std::string>(
         "--precision", [&asked, types](const std::string& name) { asked.type = types.at(name); },
         "of convolutions (default: bf16 on cuda, fp32 on the cpu)")
      ->check(CLI::IsMember({"fp32", "bf16", "fp16"}));
  app.add_option("--width", asked.width, "channels of the first stage; ResNet-18 has 64")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
}

std::string torch_text() {
  return std::string(TORCH_VERSION) +
         (at::globalContext().hasCUDA() ? ", CUDA" : ", CPU, SIMD: " + at::get_cpu_capability());
}

}  // namespace

training::program describe() {
  const auto asked = std::make_shared<flags>();
  return {
      .name = "libtorch_cifar10",
      .network_kind = "ResNet-18",
      .add_flags = [asked](CLI::App& app) { add_flags(*asked, app); },
      .make = {},
      .network_name =
          [asked](const training::dataset&) { return "of width " + std::to_string(asked->width); },
      .framework = {"LibTorch", torch_text()},
      .batch_size = 128,
      .momentum = 0.9,
      .budgets_seconds = {60, 120, 240},
      .compared = {"uniform", "random", "plan", "band"},
      .learning_rate = 0.1,
      .best = {},
      .rivals = {},
      .own = training::own_trainer{.methods = methods(),
                                   .train =
                                       [asked](const training::own_run& run) {
                                         return train(asked->chosen(), run);
                                       },
                                   .calibrate =
                                       [asked](const training::dataset& data,
                                               const training::training_options& options) {
                                         return calibrate(asked->chosen(), data, options);
                                       }}};
}

}  // namespace libtorch_cifar10
