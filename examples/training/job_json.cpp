// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "job_json.hpp"

#include "../common/packed.hpp"
#include "../common/record_json.hpp"

namespace training {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(place, epoch, batch)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(tally, epoch_loss, learning_rate, last_selection_seconds, steps,
                                   next_sample, epoch_backwards, epoch_wrong)

namespace {

using json = nlohmann::json;

template <class T>
json blob(const std::vector<T>& values) {
  return packed::blob(std::span<const T>(values));
}

json pack(const snapshot& saved) {
  json sieves = json::array();
  for (const auto& sieve : saved.sieves) sieves.push_back(blob(sieve));
  return {{"at", saved.at},
          {"sieves", std::move(sieves)},
          {"network", blob(saved.network)},
          {"sums", saved.sums},
          {"run", saved.run}};
}

snapshot unpack_snapshot(const json& value) {
  snapshot saved{.at = value.at("at").get<place>(),
                 .sieves = {},
                 .network = packed::values<std::byte>(value.at("network")),
                 .sums = value.at("sums").get<tally>(),
                 .run = value.at("run").get<record::run>()};
  for (const json& sieve : value.at("sieves")) {
    saved.sieves.push_back(packed::values<std::byte>(sieve));
  }
  return saved;
}

}  // namespace

json pack(const saved_job& saved) {
  return {{"run", saved.result.run},
          {"memory", blob(saved.result.memory)},
          {"gradient_norms", saved.result.gradient_norms},
          {"rest", saved.rest ? pack(*saved.rest) : json()}};
}

saved_job unpack(const json& value) {
  saved_job saved{
      .result = {.run = value.at("run").get<record::run>(),
                 .memory = packed::values<remembered>(value.at("memory")),
                 .gradient_norms = value.at("gradient_norms").get<std::vector<record::series>>()},
      .rest = {}};
  if (const json& rest = value.at("rest"); !rest.is_null()) saved.rest = unpack_snapshot(rest);
  return saved;
}

}  // namespace training
