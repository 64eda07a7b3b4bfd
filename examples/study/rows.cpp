// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rows.hpp"

#include "json_number.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace study {
namespace {

using json = nlohmann::ordered_json;

json to_json(const row& made) {
  return {{"stage", made.of.part == stage::tuning ? "tuning" : "final"},
          {"method", made.of.method},
          {"noise", made.of.noise},
          {"share", made.of.share},
          {"seed", made.of.seed},
          {"flags", made.of.flags},
          {"error", made.error},
          {"nll", made.nll},
          {"forwards", made.forwards},
          {"backwards", made.backwards},
          {"seconds", made.seconds},
          {"selection_seconds", made.selection_seconds},
          {"alone", made.alone},
          {"trained_ids", made.trained_ids},
          {"final_weights", made.final_weights},
          {"processor", made.processor},
          {"library", made.library}};
}

row from_json(const json& line) {
  const std::string part = line.at("stage");
  if (part != "tuning" && part != "final") throw std::runtime_error("the stage '" + part + "'");
  return {.of = {.part = part == "tuning" ? stage::tuning : stage::final,
                 .method = line.at("method"),
                 .noise = line.at("noise"),
                 .share = line.at("share"),
                 .seed = line.at("seed"),
                 .flags = line.at("flags")},
          .error = number(line.at("error")),
          .nll = number(line.at("nll")),
          .forwards = line.at("forwards"),
          .backwards = line.at("backwards"),
          .seconds = line.at("seconds"),
          .selection_seconds = line.at("selection_seconds"),
          .alone = line.at("alone"),
          .trained_ids = line.at("trained_ids"),
          .final_weights = line.at("final_weights"),
          .processor = line.at("processor"),
          .library = line.at("library")};
}

}  // namespace

std::vector<row> read_rows(const std::filesystem::path& path) {
  std::vector<row> rows;
  if (!std::filesystem::exists(path)) return rows;
  std::string text;
  {
    std::ifstream file(path, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (!file) throw std::runtime_error("cannot read " + path.string());
  }
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    try {
      rows.push_back(from_json(json::parse(text.substr(start, end - start))));
    } catch (const std::exception& error) {
      throw std::runtime_error(path.string() + ", line " + std::to_string(rows.size() + 1) +
                               ": not a row: " + error.what());
    }
  }
  if (start < text.size()) std::filesystem::resize_file(path, start);
  return rows;
}

void append_row(const std::filesystem::path& path, const row& made) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << to_json(made).dump() + '\n';
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace study
