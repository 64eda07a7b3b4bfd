// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The folder of saved runs: what it gives back, and what it refuses without writing a byte.
#include "checkpoint.hpp"
#include "description.hpp"
#include "flags.hpp"

#include "../common/packed.hpp"

#include <map>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/scratch_folder.hpp"

namespace {

using namespace training;
namespace fs = std::filesystem;

const std::string name = "eigen_mlp";
const identity mine{{"--lr", "0.2"}, {"--quick", "true"}, {"the training data", "17"}};

job some_job(std::uint64_t seed = 1) {
  job task{.what = find_method("plan"), .options = {}, .training = {}};
  task.training.seed = seed;
  return task;
}

saved_job half_done() {
  saved_job saved;
  saved.result.gradient_norms = {{"at 2 %", {{0.5, 1.25}}}};
  saved.rest = snapshot{.at = {3, 5},
                        .sieves = {{std::byte{1}, std::byte{2}}, {}},
                        .network = {std::byte{7}},
                        .sums = {.epoch_loss = 0.1, .steps = 77},
                        .run = {}};
  saved.rest->run.forwards = 99;
  return saved;
}

//! Every file below a folder with its bytes.
std::map<std::string, std::string> bytes_of(const fs::path& folder) {
  std::map<std::string, std::string> bytes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes[entry.path().string()] = support::content(entry.path());
  }
  return bytes;
}

//! A folder with a checkpoint of one half-done and one finished job.
struct filled {
  support::scratch_folder scratch;
  fs::path folder = scratch.path() / "checkpoint";
  filled() {
    checkpoint saved(name, folder, mine, 50, false);
    saved.measured([] { return prices{0.125, 0.25}; });
    saved.save(0, some_job(), half_done());
    saved_job done;
    done.result.run.test_error = 0.25;
    done.result.memory = {{.seen = 3, .selected = 2, .loss = 0.5f}};
    saved.save(1, some_job(2), done);
  }
};

TEST_CASE("checkpoint: what was saved is given back by one that resumes") {
  const filled before;
  checkpoint saved(name, before.folder, mine, 0, true);
  CHECK(saved.every() == 50);
  CHECK(saved.reserve(2) == 0);
  CHECK(saved.reserve(1) == 2);
  const auto half = saved.load(0, some_job());
  REQUIRE(half);
  REQUIRE(half->rest);
  CHECK(half->rest->at.epoch == 3);
  CHECK(half->rest->at.batch == 5);
  CHECK(half->rest->sieves == half_done().rest->sieves);
  CHECK(half->rest->network == half_done().rest->network);
  CHECK(half->rest->sums.epoch_loss == 0.1);
  CHECK(half->rest->sums.steps == 77);
  CHECK(half->rest->run.forwards == 99);
  CHECK(half->result.gradient_norms[0].points == half_done().result.gradient_norms[0].points);
  const auto done = saved.load(1, some_job(2));
  REQUIRE(done);
  CHECK_FALSE(done->rest);
  CHECK(done->result.run.test_error == 0.25);
  REQUIRE(done->result.memory.size() == 1);
  CHECK(done->result.memory[0].selected == 2);
  CHECK_FALSE(saved.load(2, some_job()));
}

TEST_CASE("checkpoint: a clock is asked once, whoever resumes is given what it said") {
  const filled before;
  const auto forbidden = []() -> prices { throw std::logic_error("measured again"); };
  {
    checkpoint saved(name, before.folder, mine, 0, true);
    CHECK(saved.measured(forbidden).train_seconds == 0.125);
    CHECK(saved.measured([] { return prices{3, 0.5}; }).train_seconds == 3);
  }
  checkpoint saved(name, before.folder, mine, 0, true);
  CHECK(saved.measured(forbidden).forward_share == 0.25);
  CHECK(saved.measured(forbidden).forward_share == 0.5);
}

TEST_CASE("checkpoint: without a folder or steps nothing is written or remembered") {
  const support::scratch_folder scratch;
  checkpoint none, idle(name, scratch.path() / "checkpoint", mine, 0, false);
  for (checkpoint* each : {&none, &idle}) {
    each->save(0, some_job(), half_done());
    CHECK_FALSE(each->load(0, some_job()));
    CHECK(each->every() == 0);
    CHECK(each->measured([] { return prices{1, 0.5}; }).train_seconds == 1);
    each->remove();
  }
  CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE("checkpoint: there is none to resume, or one that would be overwritten") {
  const support::scratch_folder scratch;
  const fs::path folder = scratch.path() / "checkpoint";
  CHECK_THROWS_WITH(checkpoint(name, folder, mine, 50, true),
                    contains("--resume: there is no checkpoint in " + folder.string()));
  CHECK(fs::is_empty(scratch.path()));
  const filled before;
  const auto bytes = bytes_of(before.folder);
  CHECK_THROWS_WITH(checkpoint(name, before.folder, mine, 50, false), contains("--resume"));
  CHECK_THROWS_WITH(checkpoint(name, before.folder, mine, 0, false), contains("not finished"));
  CHECK(bytes_of(before.folder) == bytes);
}

TEST_CASE("checkpoint: other flags and other data are refused by name, nothing is written") {
  const filled before;
  const auto bytes = bytes_of(before.folder);
  const auto refuses = [&](const std::string& key, const std::string& value,
                           const std::string& text) {
    identity other = mine;
    other[key] = value;
    CHECK_THROWS_WITH(checkpoint(name, before.folder, other, 50, true), contains(text));
  };
  refuses("--lr", "0.3", "saved with --lr 0.2, so it cannot go on with --lr 0.3");
  refuses("--lr", "", "saved with --lr 0.2, so it cannot go on without --lr");
  refuses("--beta", "2", "saved without --beta, so it cannot go on with --beta 2");
  refuses("--quick", "", "saved with --quick, so it cannot go on without --quick");
  refuses("the training data", "18", "saved with the training data 17");
  CHECK(bytes_of(before.folder) == bytes);
}

TEST_CASE(
    "checkpoint: a file cut anywhere or with any byte changed stops all, nothing is written") {
  const filled before;
  for (const char* which : {"settings.cbor.gz", "run-0001.cbor.gz", "run-0002.cbor.gz"}) {
    const fs::path file = before.folder / which;
    const std::string whole = support::content(file);
    const auto refuses = [&](const std::string& changed) {
      support::write(file, changed);
      const auto bytes = bytes_of(before.folder);
      CHECK_THROWS_WITH(checkpoint(name, before.folder, mine, 50, true), contains(which));
      CHECK(bytes_of(before.folder) == bytes);
    };
    for (std::size_t length = 0; length < whole.size(); length += 7) {
      refuses(whole.substr(0, length));
    }
    for (std::size_t i = 10; i < whole.size(); i += 7) {  // gzip's header may change
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ 0xff);
      refuses(changed);
    }
    refuses("not a checkpoint at all");
    packed::write(file, {{"format", "another"}, {"version", 1}});
    refuses(support::content(file));
    packed::write(file, {{"format", "eigen_mlp checkpoint"}, {"version", 3}});
    CHECK_THROWS_WITH(checkpoint(name, before.folder, mine, 50, true), contains("newer"));
    packed::write(file, {{"format", "eigen_mlp checkpoint"}, {"version", 1}});
    CHECK_THROWS_WITH(checkpoint(name, before.folder, mine, 50, true), contains("older"));
    packed::write(file, {{"format", "eigen_mlp checkpoint"}, {"version", 2}, {"identity", mine}});
    refuses(support::content(file));
    support::write(file, whole);
  }
  CHECK(checkpoint(name, before.folder, mine, 50, true).load(0, some_job()));
}

TEST_CASE("checkpoint: one of another trainer is refused by name") {
  const filled before;
  CHECK_THROWS_WITH(checkpoint("libtorch_cnn", before.folder, mine, 50, true),
                    contains("not a checkpoint of libtorch_cnn"));
}

TEST_CASE("checkpoint: a run of another job is refused, both are named") {
  const filled before;
  const checkpoint saved(name, before.folder, mine, 50, true);
  CHECK_THROWS_WITH(saved.load(0, some_job(5)),
                    contains("run-0001") && contains("seed 1,") && contains("seed 5,"));
}

TEST_CASE("checkpoint: half-written files are no runs; a finished checkpoint leaves no trace") {
  const filled before;
  support::write(before.folder / "run-0002.cbor.gz.tmp", "half");
  checkpoint saved(name, before.folder, mine, 50, true);
  saved.remove();
  CHECK(fs::is_empty(before.scratch.path()));
}

TEST_CASE("checkpoint: what is not its own stays") {
  const filled before;
  support::write(before.folder / "notes", "mine");
  checkpoint(name, before.folder, mine, 50, true).remove();
  CHECK(bytes_of(before.folder).size() == 1);
  checkpoint(name, before.folder, mine, 50, false);
  CHECK(bytes_of(before.folder).size() == 2);
}

std::optional<request> parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "eigen_mlp");
  std::vector<char*> pointers;
  for (std::string& each : arguments) pointers.push_back(each.data());
  int exit_code = 0;
  return read_flags(eigen_mlp::describe(), static_cast<int>(pointers.size()), pointers.data(),
                    exit_code);
}

TEST_CASE("flags: those that decide are told from those that may change") {
  const auto asked =
      parse({"--out",    "x",    "--save-every", "20",     "--resume", "--threads",      "2",
             "--epochs", "3",    "--quiet",      "--data", "y",        "--target-error", "10",
             "--method", "plan", "sb",           "--lr",   "0.3",      "--quick",        "--decay",
             "COSINE"});
  REQUIRE(asked);
  CHECK(asked->chosen.save_every == 20);
  CHECK(asked->chosen.resume);
  CHECK(asked->chosen.shape == decay::cosine);
  CHECK(asked->deciding == identity{{"--epochs", "3"},
                                    {"--method", "plan sb"},
                                    {"--lr", "0.3"},
                                    {"--quick", "true"},
                                    {"--decay", "cosine"}});
}

TEST_CASE("flags: saving and resuming need a folder") {
  CHECK_FALSE(parse({"--save-every", "20"}));
  CHECK_FALSE(parse({"--resume"}));
  CHECK_FALSE(parse({"--out", "x", "--save-every", "0"}));
}

}  // namespace
