// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gradsieve/batch/queue.hpp>

#include "fuzz/harness.hpp"

namespace {

using ids = std::vector<std::int64_t>;
using gradsieve::last_batch;

struct queue {
  using part = gradsieve::batch_queue;
  static constexpr auto kind = gradsieve::state_kind::queue;

  static std::vector<fuzz::twins<part>> objects() {
    std::vector<fuzz::twins<part>> made;
    for (const gradsieve::queue_options& options :
         {gradsieve::queue_options{.batch_size = 3, .last = last_batch::partial},
          gradsieve::queue_options{.batch_size = 2, .last = last_batch::drop, .backlog = 5},
          gradsieve::queue_options{.batch_size = 1, .max_age = 2}}) {
      part used(options);
      used.push(ids{1, 2, 3, 4}, 5);
      used.next();
      used.flush();
      used.push(ids{-1, (std::int64_t{1} << 53) + 1}, 9);
      made.push_back({part(options), used});
    }
    return made;
  }

  static void go_on(part& queue, gradsieve::byte_writer& seen) {
    const std::size_t backlog = queue.options().backlog;
    fuzz::require(backlog == 0 || queue.size() <= backlog, "more ids than the queue may hold");
    drain(queue, seen);
    queue.push(ids{7, 8, 9, 10}, ~std::uint64_t{0});
    queue.end_epoch();
    drain(queue, seen);
    queue.push(ids{11, 12}, ~std::uint64_t{0});
    seen.put(queue.dropped());
    seen.put(queue.handed_out());
  }

 private:
  static void drain(part& queue, gradsieve::byte_writer& seen) {
    std::uint64_t step = 0;
    while (const auto batch = queue.next()) {
      fuzz::require(step <= batch.oldest_step(), "the steps of the ids fall");
      step = batch.oldest_step();
      seen.put(batch.ids());
      seen.put(step);
    }
    fuzz::require(step <= queue.last_step(), "an id from a step to come");
  }
};

}  // namespace

fuzz::target fuzz::the_target() { return target_of<queue>(); }
