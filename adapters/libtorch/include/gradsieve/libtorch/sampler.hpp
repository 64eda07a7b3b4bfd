// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file A sampler for torch's data loaders that plans each epoch from the losses of the last ones.
#pragma once

#include <gradsieve/history/shard.hpp>
#include <gradsieve/libtorch/tensors.hpp>
#include <gradsieve/sieve.hpp>

#include <torch/data/samplers/base.h>
#include <torch/serialize/archive.h>

#include <memory>
#include <mutex>
#include <optional>

namespace gradsieve::inline GRADSIEVE_ABI::libtorch {

//! A handle, cheap to copy: all copies are one sampler. The loader moves one in, the trainer keeps
//! another and hands it the losses.
//!
//! **Epochs.** Each `begin()` of the loader plans the next epoch from the losses observed until
//! then, and hands out its ids in an order drawn from the seed and the epoch. Batches that a loader
//! fetches ahead belong to the same plan, so workers and prefetching change nothing: the same
//! losses give the same ids on any number of workers.
//!
//! **Threads.** Every call may come from any thread; they run one after another. What was observed
//! before a `reset` must not be left to chance, or the plan is: observe all of an epoch before the
//! next one begins.
//!
//! **Ranks.** Each of several ranks gets as many ids, disjoint from the others'; up to ranks - 1 of
//! a plan are left out, and keep their ages. The plan is the same on all ranks while their ledgers
//! are: `observe` on each what `all_gather` brought from all.
//!
//! **Resuming.** `save` and `load` go through torch's archives, in the middle of an epoch too: the
//! next `reset` then goes on behind the last batch whose losses were observed, however many were
//! fetched ahead. For that, batches must be observed whole and in order (as loaders give them,
//! unless told otherwise); what comes out of order is handed out again.
template <class Sieve = gradsieve::sieve>
class basic_sampler : public torch::data::samplers::Sampler<> {
 public:
  //! @param options  with `examples`, the dataset's size
  //! @throws c10::ValueError without examples, for a rank that is not below the ranks, and as the
  //! sieve's constructor does
  explicit basic_sampler(const typename Sieve::options_type& options, const worker& who = {})
      : basic_sampler(detail::translated([&] { return Sieve(options); }), who) {}
  //! Takes over a sieve, such as one with a selector of its own.
  explicit basic_sampler(Sieve sieve, const worker& who = {})
      : shared_(std::make_shared<contents>(std::move(sieve), who)) {
    if (shared_->sieve.options().examples == 0) {
      detail::refuse<c10::ValueError>("sampler: .examples is 0, it must be the dataset's size");
    }
    if (who.rank >= who.ranks) {
      detail::refuse<c10::ValueError>("sampler: rank ", who.rank, " of ", who.ranks);
    }
  }

  //! @name What a loader calls
  //! @{

  //! Plans the next epoch. @param new_size  the dataset's, if it has grown. @throws c10::ValueError
  //! if it has shrunk; as `gradsieve::sieve::plan`
  void reset(std::optional<std::size_t> new_size = std::nullopt) override {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    detail::translated([&] { shared_->begin(new_size); });
  }

  //! The next ids of this rank's part of the plan, at most `batch_size`; none at its end.
  std::optional<std::vector<std::size_t>> next(std::size_t batch_size) override {
    if (batch_size == 0) detail::refuse<c10::ValueError>("sampler: a batch size of 0");
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    return detail::translated([&] { return shared_->next(batch_size); });
  }

  //! Writes the sieve's state and the place in the epoch.
  void save(torch::serialize::OutputArchive& archive) const override {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    const std::vector<std::byte> bytes = shared_->sieve.save();
    const std::int64_t place[] = {shared_->epoch, static_cast<std::int64_t>(shared_->observed)};
    archive.write("sieve", detail::to_tensor(std::span(bytes)), /*is_buffer=*/true);
    archive.write("place", detail::to_tensor<std::int64_t>(std::span(place), at::kLong),
                  /*is_buffer=*/true);
  }
  //! @throws c10::Error, saying why, for what no sampler with these options saved; nothing is
  //! changed then.
  void load(torch::serialize::InputArchive& archive) override {
    at::Tensor sieve, place;
    archive.read("sieve", sieve, /*is_buffer=*/true);
    archive.read("place", place, /*is_buffer=*/true);
    const std::vector<std::byte> bytes = detail::to_bytes("sampler", sieve);
    if (place.scalar_type() != at::kLong || place.numel() != 2) {
      detail::refuse<c10::ValueError>("sampler: the archive's place is no epoch and place");
    }
    place = place.to(at::kCPU).contiguous();
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    detail::translated([&] { shared_->load(bytes, detail::elements<std::int64_t>(place)); });
  }
  //! @}

  //! @name What a trainer calls
  //! Losses [n] of any floating dtype and ids [n] of any integer dtype, on any device; those on a
  //! GPU are copied to the host, which waits for them: observe a batch's losses one step later to
  //! let it run ahead. @throws as `libtorch::sieve`; nothing is changed then.
  //! @{

  //! Losses of examples that were just trained on.
  void observe(const at::Tensor& ids, const at::Tensor& losses) {
    visit("observe", ids, losses, [](contents& one, auto examples, auto values) {
      one.sieve.observe(examples, values);
      one.advance(examples);
    });
  }
  //! Losses that stand for no work, such as those of an optimiser's step that a gradient scaler
  //! skipped.
  void record(const at::Tensor& ids, const at::Tensor& losses) {
    visit("record", ids, losses, [](contents& one, auto examples, auto values) {
      one.sieve.record(examples, values);
      one.advance(examples);
    });
  }
  //! Losses of examples that were forwarded without gradient, such as `refresh_ids()`.
  void refresh(const at::Tensor& ids, const at::Tensor& losses) {
    visit("refresh", ids, losses,
          [](contents& one, auto examples, auto values) { one.sieve.refresh(examples, values); });
  }
  //! Ids that this epoch's plan spares though their loss is stale; see `plan_view::refresh`.
  at::Tensor refresh_ids() const {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    if (shared_->epoch < 0) return at::empty({0}, at::kLong);
    return detail::to_tensor<std::int64_t>(shared_->plan().refresh(), at::kLong);
  }

  //! Examples that this rank trains in this epoch; 0 before the first.
  std::size_t size() const {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    return shared_->size();
  }
  //! The epoch planned last; -1 before the first.
  std::int64_t epoch() const {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    return shared_->epoch;
  }
  work_counters work() const {
    return with([](const Sieve& sieve) { return sieve.work(); });
  }

  //! Calls `use(sieve)` while no other thread does anything, and returns what it returned: for all
  //! else, such as `epoch_lengths(sieve, epochs).total()`. `use` must not plan, nor call this
  //! sampler; views must not leave it.
  template <class Use>
  auto with(Use&& use) const {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    return detail::translated([&] { return std::forward<Use>(use)(shared_->sieve); });
  }
  //! @}

 private:
  struct contents {
    contents(Sieve made, const worker& rank) : sieve(std::move(made)), who(rank) {}

    //! As it was made by `begin`. @pre epoch >= 0
    plan_view plan() { return sieve.plan(static_cast<std::uint32_t>(epoch)); }

    epoch_shard share(const plan_view& plan) const {
      return {plan.size(), sieve.options().seed, plan.epoch(), who};
    }
    std::size_t size() { return epoch < 0 ? 0 : static_cast<std::size_t>(share(plan()).size()); }

    void begin(std::optional<std::size_t> new_size) {
      if (new_size) {
        const auto wanted = static_cast<std::int64_t>(*new_size);
        const std::int64_t known = sieve.ledger().size();
        if (wanted < known) {
          detail::refuse<c10::ValueError>("sampler: a dataset of ", wanted,
                                          " examples, the sampler knows ", known);
        }
        sieve.ledger().grow(wanted);
      }
      if (!resuming || observed == size()) {
        sieve.plan(static_cast<std::uint32_t>(epoch + 1));
        ++epoch;
        observed = 0;
      }
      resuming = false;
      handed_out = observed;
    }

    std::optional<std::vector<std::size_t>> next(std::size_t batch_size) {
      if (epoch < 0) begin({});
      const plan_view now = plan();
      const epoch_shard mine = share(now);
      const std::size_t n = (std::min)(batch_size, mine.size() - handed_out);
      if (n == 0) return std::nullopt;
      std::vector<std::size_t> ids(n);
      for (std::size_t& id : ids) {
        id = static_cast<std::size_t>(now.train()[mine[handed_out++]]);
      }
      return ids;
    }

    //! Moves `observed` on over the ids that come next in this rank's order.
    void advance(std::span<const std::int64_t> ids) {
      if (epoch < 0) return;
      const plan_view now = plan();
      const epoch_shard mine = share(now);
      for (const std::int64_t id : ids) {
        if (observed == mine.size()) return;
        observed += std::size_t{now.train()[mine[observed]] == id};
      }
    }

    void load(std::span<const std::byte> bytes, std::span<const std::int64_t> place) {
      contents fresh(sieve, who);
      fresh.sieve.load(bytes);
      fresh.epoch = place[0];
      if (place[0] < -1 || place[0] > 0xffffffff || place[1] < 0 ||
          (place[0] >= 0 && place[0] != std::int64_t{fresh.sieve.epoch()}) ||
          std::cmp_greater(place[1], fresh.size())) {
        detail::refuse<c10::ValueError>("sampler: the archive's epoch ", place[0], " and place ",
                                        place[1], " are not the sieve's");
      }
      sieve = std::move(fresh.sieve);
      epoch = place[0];
      handed_out = observed = static_cast<std::size_t>(place[1]);
      resuming = epoch >= 0;
    }

    std::mutex mutex;
    Sieve sieve;
    worker who;
    std::int64_t epoch = -1;
    std::size_t handed_out = 0;  // of this rank's part of the plan
    std::size_t observed = 0;    // of it, those in front whose losses are known
    bool resuming = false;       // whether the next epoch to begin is the one that was loaded
  };

  template <class Use>
  void visit(const char* call, const at::Tensor& ids, const at::Tensor& losses, Use use) {
    // Converted before the lock is taken: it may wait for a device.
    const auto here = [](const at::Tensor& tensor) {
      return tensor.defined() ? tensor.detach().to(at::kCPU) : tensor;
    };
    const at::Tensor examples = detail::packed_ids(call, here(ids), at::kCPU);
    const at::Tensor values = detail::packed_losses(call, here(losses), at::kCPU);
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    detail::translated([&] {
      detail::with_losses(values, [&](auto span) {
        use(*shared_, detail::elements<std::int64_t>(examples), span);
      });
    });
  }

  std::shared_ptr<contents> shared_;
};

using sampler = basic_sampler<>;

}  // namespace gradsieve::inline GRADSIEVE_ABI::libtorch
