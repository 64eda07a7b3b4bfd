// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file What is known of every example: its last loss, when it was seen, how often it was trained.
#pragma once

#include <gradsieve/buffer.hpp>
#include <gradsieve/error.hpp>
#include <gradsieve/history/quantiles.hpp>
#include <gradsieve/prefetch.hpp>
#include <gradsieve/state/frame.hpp>

namespace gradsieve::inline GRADSIEVE_ABI {

//! One example in 8 bytes: the key of its last finite loss (`key_never`: none yet, `key_retired`:
//! no more), and packed into 32 bits the epoch of its last visit (12 bits), visits (10) and
//! selections (10). Trivially copyable; kernels read it.
struct ledger_entry {
  loss_key key = key_never;
  std::uint32_t visits = 0;

  static constexpr std::uint32_t most = 1023;         //!< where the two counters saturate
  static constexpr std::uint32_t epoch_mask = 0xfff;  //!< epochs, and so ages, are modulo 4096

  GRADSIEVE_HOST_DEVICE constexpr std::uint32_t epoch() const { return visits & epoch_mask; }
  GRADSIEVE_HOST_DEVICE constexpr std::uint32_t seen() const { return (visits >> 12) & most; }
  GRADSIEVE_HOST_DEVICE constexpr std::uint32_t selected() const { return visits >> 22; }
  GRADSIEVE_HOST_DEVICE constexpr bool has_loss() const { return is_finite(key); }
  GRADSIEVE_HOST_DEVICE constexpr bool retired() const { return key == key_retired; }
  //! @pre has_loss()
  GRADSIEVE_HOST_DEVICE constexpr float loss() const { return to_loss(key); }

  //! Epochs since the last visit, modulo 4096.
  GRADSIEVE_HOST_DEVICE constexpr std::uint32_t age(std::uint32_t now) const {
    return (now - epoch()) & epoch_mask;
  }

  //! A visit at `now`. A loss that is not finite counts as a visit and leaves the last loss alone.
  GRADSIEVE_HOST_DEVICE constexpr void visit(loss_key loss, std::uint32_t now) {
    if (is_finite(loss) && !retired()) key = loss;
    visits = (visits & ~epoch_mask) | (now & epoch_mask);
    if (seen() < most) visits += std::uint32_t{1} << 12;
  }
  //! Takes over a later visit from another ledger's entry; a loss without a visit (`set_loss`) is
  //! earlier than any.
  GRADSIEVE_HOST_DEVICE constexpr void merge(const ledger_entry& other, std::uint32_t now) {
    if (other.visits == 0 && other.key == key_never) return;
    const bool later = other.seen() != 0 ? seen() == 0 || other.age(now) < age(now)
                                         : visits == 0 && key == key_never;
    const std::uint32_t visited = later ? other.epoch() : epoch();
    const std::uint32_t visits_seen = seen() > other.seen() ? seen() : other.seen();
    const std::uint32_t chosen = selected() > other.selected() ? selected() : other.selected();
    if (other.retired()) {
      key = key_retired;
    } else if (!retired() && (!has_loss() || (later && other.has_loss()))) {
      key = other.key;
    }
    visits = visited | (visits_seen << 12) | (chosen << 22);
  }
  GRADSIEVE_HOST_DEVICE constexpr void select() {
    if (selected() < most) visits += std::uint32_t{1} << 22;
  }
};
static_assert(sizeof(ledger_entry) == 8 && std::is_trivially_copyable_v<ledger_entry>);

//! Non-owning view of a ledger's entries, by id; trivially copyable, readable by kernels.
struct ledger_view {
  const ledger_entry* data = nullptr;
  std::size_t count = 0;

  GRADSIEVE_HOST_DEVICE constexpr std::size_t size() const { return count; }
  GRADSIEVE_HOST_DEVICE constexpr const ledger_entry* begin() const { return data; }
  GRADSIEVE_HOST_DEVICE constexpr const ledger_entry* end() const { return data + count; }
  GRADSIEVE_HOST_DEVICE constexpr const ledger_entry& operator[](std::size_t id) const {
    return data[id];
  }
};

//! The last loss of each of n examples with the dense ids 0 … n - 1, at 8 bytes an example.
//!
//! Of several losses for one id in a batch, the last wins; each counts as a visit. Every call that
//! takes ids checks all of them before it changes anything.
class loss_ledger {
 public:
  //! @throws invalid_argument for a negative number of examples.
  explicit loss_ledger(std::int64_t examples = 0) { grow(examples); }

  std::int64_t size() const { return static_cast<std::int64_t>(entries_.size()); }
  ledger_view entries() const { return {entries_.data(), entries_.size()}; }

  //! Makes room for ids up to `examples` - 1, all unseen. Never shrinks.
  void grow(std::int64_t examples) {
    if (examples < size()) {
      detail::fail<invalid_argument>("loss_ledger: ", examples, " examples asked for, it holds ",
                                     size());
    }
    const auto wanted = static_cast<std::size_t>(examples);
    // Twice as many at least, so that one more at a time is no copy each.
    if (wanted > entries_.size() && !entries_.empty()) {
      entries_.reserve((std::max)(wanted, 2 * entries_.size()));
    }
    entries_.resize(wanted);
  }

  //! @throws out_of_range for an id outside [0, size()).
  const ledger_entry& at(std::int64_t id) const {
    check(id);
    return entries_[static_cast<std::size_t>(id)];
  }
  std::uint32_t age(std::int64_t id, std::uint32_t epoch) const { return at(id).age(epoch); }

  //! Records a visit of each id at `epoch`, in order. O(n), random access.
  //! @throws invalid_argument when the lengths differ, out_of_range for an id outside [0, size());
  //! nothing is changed then.
  template <class Ids, class Losses>
  void observe(const Ids& ids, const Losses& losses, std::uint32_t epoch) {
    const auto values = detail::loss_span(losses);
    visit(detail::id_span(ids), values.size(), epoch,
          [&](std::size_t i) { return to_key(values[i]); });
  }
  //! The same for keys.
  template <class Ids>
  void observe_keys(const Ids& ids, detail::slice<const loss_key> keys, std::uint32_t epoch) {
    visit(detail::id_span(ids), keys.size(), epoch, [&](std::size_t i) { return keys[i]; });
  }

  //! Counts a selection of each id.
  template <class Ids>
  void select(const Ids& ids) {
    const auto given = detail::id_span(ids);
    check_all(given);
    for (const auto id : given) entries_[static_cast<std::size_t>(id)].select();
  }

  //! Takes examples out for good: no plan and no pick selects them, and no loss brings them back.
  //! O(n). @throws out_of_range for an id outside [0, size()); nothing is changed then.
  template <class Ids>
  void retire(const Ids& ids) {
    const auto given = detail::id_span(ids);
    check_all(given);
    for (const auto id : given) {
      ledger_entry& entry = entries_[static_cast<std::size_t>(id)];
      retired_ += std::int64_t{!entry.retired()};
      entry.key = key_retired;
    }
  }
  //! How many examples were taken out.
  std::int64_t retired() const { return retired_; }

  //! Replaces an example's loss and counts no visit: for losses from an earlier run or another
  //! model. A retired example stays so. @throws invalid_argument for a loss that is not finite.
  template <loss_value T>
  void set_loss(std::int64_t id, T loss) {
    check(id);
    const loss_key key = to_key(loss);
    if (!is_finite(key)) {
      detail::fail<invalid_argument>("set_loss: the loss of id ", id, " is not finite");
    }
    ledger_entry& entry = entries_[static_cast<std::size_t>(id)];
    if (!entry.retired()) entry.key = key;
  }

  //! Writes out.size() exact quantiles of the known losses (see `key_quantiles`) and returns how
  //! many losses are known; nothing is written when that is 0. O(2 n + out.size()).
  std::uint64_t quantiles(detail::slice<loss_key> out, key_quantiles& workspace) const {
    return quantiles(out, workspace, detail::parts(entries_.size()));
  }
  //! The same, whoever runs the parts.
  std::uint64_t quantiles(detail::slice<loss_key> out, key_quantiles& workspace,
                          const detail::parts& all) const {
    const ledger_entry* entries = entries_.data();
    return workspace(
        all, [entries](std::uint64_t id) { return entries[id].key; }, out);
  }

  //! Takes over from `other` what it knows later: for each id the entry visited last as of `epoch`,
  //! ours when both were at once, with the larger of the two counts of visits and of selections.
  //! For ledgers of workers that trained on disjoint shards. O(n).
  //! @throws invalid_argument when the sizes differ.
  void merge(const loss_ledger& other, std::uint32_t epoch) {
    if (other.size() != size()) {
      detail::fail<invalid_argument>("merge: a ledger of ", other.size(), " examples into one of ",
                                     size());
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].merge(other.entries_[i], epoch);
    count_retired();
  }

  //! A ledger of the given examples alone, renumbered in the order given: ids[i] becomes i.
  //! @throws out_of_range for an id outside [0, size()).
  template <class Ids>
  loss_ledger compacted(const Ids& ids) const {
    const auto given = detail::id_span(ids);
    check_all(given);
    loss_ledger result;
    result.entries_.reserve(given.size());
    for (const auto id : given) result.entries_.push_back(entries_[static_cast<std::size_t>(id)]);
    result.count_retired();
    return result;
  }

  //! Throws unless every id is in [0, size()), naming the first that is not and its position.
  template <class Ids>
  void check_all(const Ids& ids) const {
    const auto* first = std::data(ids);
    for (std::size_t i = 0; i < std::size(ids); ++i) {
      if (holds(first[i])) continue;
      detail::fail<out_of_range>("id ", first[i], " at position ", i, " is outside of [0, ", size(),
                                 ")");
    }
  }

  //! @name State: the entries as they are in memory
  //! @{
  template <class Bytes = std::vector<std::byte>>
  Bytes save() const {
    return save_state<Bytes>(state_kind::ledger, *this);
  }
  //! Takes the saved size. @throws state_error for other bytes; nothing is changed.
  void load(std::span<const std::byte> bytes) { load_state(state_kind::ledger, *this, bytes); }

  void write(byte_writer& out) const {
    out.put(std::uint64_t{entries_.size()});
    for (const ledger_entry& entry : entries_) {
      out.put(entry.key);
      out.put(entry.visits);
    }
  }
  void read(byte_reader& in) {
    const auto count = in.get<std::uint64_t>();
    if (count > in.left() / sizeof(ledger_entry)) {
      detail::fail<state_error>("state: a ledger of ", count, " examples, but ", in.left(),
                                " bytes are left");
    }
    entries_.clear();  // a half-read ledger is the caller's to throw away: no third copy
    entries_.resize(static_cast<std::size_t>(count));
    for (ledger_entry& entry : entries_) {
      entry.key = in.get<loss_key>();
      entry.visits = in.get<std::uint32_t>();
      if (!entry.has_loss() && !entry.retired() && entry.key != key_never) {
        detail::fail<state_error>("state: the ledger holds a loss that is not finite");
      }
    }
    count_retired();
  }
  //! @}

 private:
  template <std::integral Id>
  bool holds(Id id) const {
    return !std::cmp_less(id, 0) && std::cmp_less(id, entries_.size());
  }
  void check(std::int64_t id) const {
    if (!holds(id)) detail::fail<out_of_range>("id ", id, " is outside of [0, ", size(), ")");
  }

  template <class Id, class KeyAt>
  void visit(std::span<Id> ids, std::size_t losses, std::uint32_t epoch, KeyAt key_at) {
    if (ids.size() != losses) {
      detail::fail<invalid_argument>("observe: ", ids.size(), " ids and ", losses, " losses");
    }
    check_all(ids);
    const auto entry = [&](std::size_t i) -> ledger_entry& {
      return entries_[static_cast<std::size_t>(ids[i])];
    };
    // Entries come from memory some 64 visits before their turn. Without it a visit that waits for
    // its entry keeps those behind it waiting, and few entries are on their way at a time.
    const std::size_t lead = (std::min)(losses, std::size_t{64});
    for (std::size_t i = 0; i < lead; ++i) detail::prefetch_to_change(&entry(i));
    for (std::size_t i = 0; i < losses - lead; ++i) {
      detail::prefetch_to_change(&entry(i + lead));
      entry(i).visit(key_at(i), epoch);
    }
    for (std::size_t i = losses - lead; i < losses; ++i) entry(i).visit(key_at(i), epoch);
  }

  void count_retired() {
    retired_ = 0;
    for (const ledger_entry& entry : entries_) retired_ += std::int64_t{entry.retired()};
  }

  detail::buffer<ledger_entry> entries_;
  std::int64_t retired_ = 0;
};

}  // namespace gradsieve::inline GRADSIEVE_ABI
