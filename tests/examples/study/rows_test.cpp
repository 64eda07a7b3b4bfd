// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rows.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "support/scratch_folder.hpp"

namespace {

study::row example() {
  study::row made;
  made.of = {study::stage::tuning, "plan", .2, .35, 7, {"--lr", "0.1"}};
  made.error = .1 + .2;  // not a short decimal
  made.nll = 1.0 / 3;
  made.forwards = 18'446'744'073'709'551'615u;
  made.backwards = 5;
  made.seconds = 2.5;
  made.selection_seconds = .125;
  made.alone = true;
  made.trained_ids = "00ff";
  made.final_weights = "ff00";
  made.processor = "some \"quoted\" one";
  made.library = "0.1.0";
  return made;
}

TEST_CASE("study: rows come back as they were kept, to the bit") {
  const support::scratch_folder scratch;
  const auto path = scratch.path() / "rows.jsonl";
  CHECK(study::read_rows(path).empty());
  study::row second = example();
  second.of.part = study::stage::final;
  second.nll = 0 / 0.;
  study::append_row(path, example());
  study::append_row(path, second);
  const auto rows = study::read_rows(path);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].of == example().of);
  CHECK(rows[0].error == example().error);
  CHECK(rows[0].nll == example().nll);
  CHECK(rows[0].forwards == example().forwards);
  CHECK(rows[0].backwards == 5);
  CHECK(rows[0].seconds == 2.5);
  CHECK(rows[0].selection_seconds == .125);
  CHECK(rows[0].alone);
  CHECK(rows[0].trained_ids == "00ff");
  CHECK(rows[0].processor == example().processor);
  CHECK(rows[1].of.part == study::stage::final);
  CHECK(std::isnan(rows[1].nll));
}

TEST_CASE("study: half a row that a kill left is cut off, and the next one goes on from there") {
  const support::scratch_folder scratch;
  const auto path = scratch.path() / "rows.jsonl";
  study::append_row(path, example());
  const auto whole = std::filesystem::file_size(path);
  study::append_row(path, example());
  std::filesystem::resize_file(path, whole + 20);
  CHECK(study::read_rows(path).size() == 1);
  study::append_row(path, example());
  CHECK(study::read_rows(path).size() == 2);
}

TEST_CASE("study: a line that is not a row is refused with its number, and left there") {
  const support::scratch_folder scratch;
  const auto path = scratch.path() / "rows.jsonl";
  study::append_row(path, example());
  std::ofstream(path, std::ios::app) << "{\"stage\": \"other\"}\n";
  const auto size = std::filesystem::file_size(path);
  CHECK_THROWS_WITH(study::read_rows(path), contains("line 2"));
  CHECK(std::filesystem::file_size(path) == size);
}

}  // namespace
