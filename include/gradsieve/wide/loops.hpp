// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The wide loops, written once: each instruction set's header includes them into its
//! namespace, after its vector types and the few operations that the compiler's own vectors lack.
#if defined(GRADSIEVE_TARGET)

static_assert(sizeof(signed_lanes) == 4 * lanes && sizeof(wide_lanes) == 4 * lanes);

template <class T>
GRADSIEVE_TARGET inline signed_lanes load(const T* from) {
  signed_lanes values;
  __builtin_memcpy(&values, from, sizeof values);
  return values;
}

//! The number of each lane.
GRADSIEVE_TARGET inline unsigned_lanes places() {
  unsigned_lanes numbers{};
  for (std::uint32_t lane = 0; lane < lanes; ++lane) numbers[lane] = lane;
  return numbers;
}

GRADSIEVE_TARGET inline std::uint32_t sum(signed_lanes values) {
  std::uint32_t total = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane)
    total += static_cast<std::uint32_t>(values[lane]);
  return total;
}

//! -1 in each lane whose key `is_finite`, else 0.
GRADSIEVE_TARGET inline signed_lanes finite_lanes(signed_lanes key) {
  return unsigned_lanes(key) + 0x7f800000u < 0xff000000u;
}

GRADSIEVE_TARGET inline std::uint32_t to_keys(const float* losses, std::size_t n,
                                              loss_key replacement, loss_key* keys) {
  signed_lanes finite{};
  for (std::size_t i = 0; i < n; i += lanes) {
    const signed_lanes loss = load(losses + i);
    signed_lanes key = loss ^ ((loss >> 31) & 0x7fffffff);
    key = key == -1 ? signed_lanes{} : key;
    const signed_lanes good = finite_lanes(key);
    finite -= good;
    key = good ? key : signed_lanes{} + replacement;
    __builtin_memcpy(keys + i, &key, sizeof key);
  }
  return sum(finite);
}

GRADSIEVE_TARGET inline std::size_t rank_entries(const void* entries, std::size_t n,
                                                 std::uint32_t epoch, std::uint32_t least_age,
                                                 loss_key* keys, std::uint32_t* aged) {
  const auto* pairs = static_cast<const std::int32_t*>(entries);
  std::size_t count = 0;
  unsigned_lanes at = places();
  for (std::size_t i = 0; i < n; i += lanes, at += lanes) {
    const signed_lanes first = load(pairs + 2 * i), second = load(pairs + 2 * i + lanes);
    signed_lanes key = even_lanes(first, second);
    const auto visits = unsigned_lanes(odd_lanes(first, second));
    key = finite_lanes(key)
              ? key
              : (key == key_retired ? signed_lanes{} + key_never : signed_lanes{} + key_always);
    __builtin_memcpy(keys + i, &key, sizeof key);
    const auto age = signed_lanes((epoch - visits) & 0xfffu);
    const std::uint32_t old =
        greater(age, signed_lanes{} + (static_cast<std::int32_t>(least_age) - 1));
    if (old != 0) count += store_selected(old, at, aged + count);
  }
  return count;
}

GRADSIEVE_TARGET inline std::uint32_t count_finite(const loss_key* keys, std::size_t n) {
  signed_lanes finite{};
  for (std::size_t i = 0; i < n; i += lanes) finite -= finite_lanes(load(keys + i));
  return sum(finite);
}

//! A Philox state in each 64-bit lane. Only the lower halves count, since a product reads no more:
//! what the upper ones hold never needs to be cleared.
struct philox_lanes {
  wide_lanes x, y, z, w;
};

struct round_keys {
  std::uint32_t k0[10], k1[10];
  explicit constexpr round_keys(std::uint64_t seed) : k0{}, k1{} {
    for (std::uint32_t round = 0; round < 10; ++round) {
      k0[round] = static_cast<std::uint32_t>(seed) + round * 0x9E3779B9u;
      k1[round] = static_cast<std::uint32_t>(seed >> 32) + round * 0xBB67AE85u;
    }
  }
};

GRADSIEVE_TARGET inline philox_lanes next_round(const philox_lanes& s, const round_keys& keys,
                                                std::uint32_t round) {
  const wide_lanes a = multiply(s.x, wide_lanes{} + 0xD2511F53u);
  const wide_lanes b = multiply(s.z, wide_lanes{} + 0xCD9E8D57u);
  return {swap_halves(b) ^ s.y ^ keys.k0[round], b, swap_halves(a) ^ s.w ^ keys.k1[round], a};
}

//! The words of a state as pairs of halves: 0 and 1, 2 and 3.
struct philox_words {
  wide_lanes xy, zw;
};

GRADSIEVE_TARGET inline philox_words last_round(const philox_lanes& s, const round_keys& keys) {
  const wide_lanes a = multiply(s.x, wide_lanes{} + 0xD2511F53u);
  const wide_lanes b = multiply(s.z, wide_lanes{} + 0xCD9E8D57u);
  return {swap_halves(b) ^ (s.y & 0xffffffffu) ^ keys.k0[9],
          swap_halves(a) ^ (s.w & 0xffffffffu) ^ keys.k1[9]};
}

GRADSIEVE_TARGET inline void draw(const draw_key& key, std::uint64_t block, std::size_t n,
                                  std::uint32_t* words) {
  const round_keys keys(key.seed);
  // Three words of a counter are the same in all lanes, and so is a part of the first two rounds.
  const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * key.step;
  const auto x =
      static_cast<std::uint32_t>(b >> 32) ^ static_cast<std::uint32_t>(block >> 32) ^ keys.k0[0];
  const std::uint64_t a = std::uint64_t{0xD2511F53u} * x;
  const wide_lanes first_z = wide_lanes{} + (key.stream() ^ keys.k1[0]);
  const wide_lanes second_x = wide_lanes{} + (static_cast<std::uint32_t>(b) ^ keys.k0[1]);
  const wide_lanes second_z = wide_lanes{} + (static_cast<std::uint32_t>(a >> 32) ^ keys.k1[1]);
  wide_lanes counter;
  __builtin_memcpy(&counter, counter_of_lane, sizeof counter);
  counter += block;
  for (std::size_t i = 0; i < n; i += 4 * lanes) {
    // Two states at a time: a round is a chain of operations, each waiting for the one before.
    philox_lanes s[2];
    for (philox_lanes& state : s) {
      const wide_lanes w = multiply(counter, wide_lanes{} + 0xD2511F53u);
      const wide_lanes y = multiply(swap_halves(w) ^ first_z, wide_lanes{} + 0xCD9E8D57u);
      state = {swap_halves(y) ^ second_x, y, w ^ second_z, wide_lanes{} + a};
      counter += lanes / 2;
    }
    for (std::uint32_t round = 2; round < 9; ++round) {
      s[0] = next_round(s[0], keys, round);
      s[1] = next_round(s[1], keys, round);
    }
    const philox_words first = last_round(s[0], keys), second = last_round(s[1], keys);
    store_blocks(first.xy, first.zw, words + i);
    store_blocks(second.xy, second.zw, words + i + 2 * lanes);
  }
}

GRADSIEVE_TARGET inline void draw_ids(const draw_key& key, const std::int64_t* ids, std::size_t n,
                                      std::uint32_t* words) {
  const round_keys keys(key.seed);
  using half_lanes __attribute__((vector_size(2 * lanes))) = std::uint32_t;
  for (std::size_t i = 0; i < n; i += lanes / 2) {
    wide_lanes id;
    __builtin_memcpy(&id, ids + i, sizeof id);
    philox_lanes s{id >> 2, id >> 34, wide_lanes{} + key.step, wide_lanes{} + key.stream()};
    for (std::uint32_t round = 0; round < 9; ++round) s = next_round(s, keys, round);
    const philox_words all = last_round(s, keys);
    const wide_lanes pair = (id & 2) != 0 ? all.zw : all.xy;
    const half_lanes chosen = __builtin_convertvector(pair >> ((id & 1) * 32), half_lanes);
    __builtin_memcpy(words + i, &chosen, sizeof chosen);
  }
}

//! The lower 64 bits of each lane's product with one number.
GRADSIEVE_TARGET inline wide_lanes times(wide_lanes x, std::uint64_t by) {
  const wide_lanes low = wide_lanes{} + (by & 0xffffffffu), high = wide_lanes{} + (by >> 32);
  return multiply(x, low) + ((multiply(x, high) + multiply(x >> 32, low)) << 32);
}

//! `order_table::mix` of each lane.
GRADSIEVE_TARGET inline wide_lanes mix(wide_lanes x) {
  x = times(x ^ (x >> 30), 0xbf58476d1ce4e5b9u);
  return times(x ^ (x >> 27), 0x94d049bb133111ebu) >> 32;
}

GRADSIEVE_TARGET inline void encrypt(const order_table& table, std::uint64_t first, std::size_t n,
                                     std::int64_t* out) {
  using signed_wide_lanes __attribute__((vector_size(4 * lanes))) = std::int64_t;
  const std::uint64_t mask = (std::uint64_t{1} << table.bits) - 1;
  const wide_lanes rows = wide_lanes{} + table.rows;
  wide_lanes next{};
  for (std::size_t lane = 0; lane < lanes / 2; ++lane) next[lane] = first + lane;
  for (std::size_t i = 0; i < n; i += lanes) {
    // Two vectors at a time: as with draws, a round waits for the one before.
    wide_lanes row[2], column[2];
    for (std::size_t k = 0; k < 2; ++k, next += lanes / 2) {
      row[k] = next >> table.bits;
      column[k] = next & mask;
    }
    for (std::uint32_t round = 0; round < order_table::rounds; round += 2) {
      for (std::size_t k = 0; k < 2; ++k) {
        row[k] += multiply(mix(column[k] ^ table.round_keys[round]), rows) >> 32;
        const auto inside = signed_wide_lanes(row[k]) < signed_wide_lanes(rows);  // below 2^33
        row[k] -= rows & ~wide_lanes(inside);
        column[k] = (column[k] + mix(row[k] ^ table.round_keys[round + 1])) & mask;
      }
    }
    for (std::size_t k = 0; k < 2; ++k) {
      const wide_lanes cell = (row[k] << table.bits) | column[k];
      __builtin_memcpy(out + i + k * (lanes / 2), &cell, sizeof cell);
    }
  }
}

//! The ranks of some vectors of keys, side by side: a search is a chain of gathers, each waiting
//! for the one before.
template <std::size_t vectors>
GRADSIEVE_TARGET inline void search(const window_view& window, const loss_key* keys,
                                    std::uint32_t* ranks) {
  signed_lanes key[vectors];
  unsigned_lanes below[vectors] = {};
  for (std::size_t k = 0; k < vectors; ++k) key[k] = load(keys + k * lanes);
  for (std::uint32_t length = window.size; length > 1; length -= length / 2) {
    const std::uint32_t half = length / 2;
    for (std::size_t k = 0; k < vectors; ++k) {
      const signed_lanes less = gather(window.slots + half, below[k]) < key[k];
      below[k] += unsigned_lanes(less) & half;
    }
  }
  for (std::size_t k = 0; k < vectors; ++k) {
    const signed_lanes less = gather(window.slots + 1, below[k]) < key[k];
    below[k] -= unsigned_lanes(less);
    __builtin_memcpy(ranks + k * lanes, &below[k], sizeof below[k]);
  }
}

GRADSIEVE_TARGET inline void ranks(const window_view& window, const loss_key* keys, std::size_t n,
                                   std::uint32_t* ranks) {
  std::size_t i = 0;
  if (window.size == 0) {
    for (; i < n; ++i) ranks[i] = 0;
  }
  for (; i + 4 * lanes <= n; i += 4 * lanes) search<4>(window, keys + i, ranks + i);
  for (; i < n; i += lanes) search<1>(window, keys + i, ranks + i);
}

GRADSIEVE_TARGET inline unsigned_lanes outcome(const alias_view& alias, unsigned_lanes word) {
  const unsigned_lanes own = word & alias.mask;
  const auto column = unsigned_lanes(gather(alias.columns, own));
  const unsigned_lanes other = column & alias.mask;
  return (word ^ own) < (column ^ other) ? own : other;
}

GRADSIEVE_TARGET inline std::size_t monotone(const monotone_rule& rule, const window_view& window,
                                             drawn_keys drawn, std::uint32_t* out) {
  const alias_view alias = rule.slot_of;
  const loss_key* slots = window.slots + rule.first_slot;
  std::size_t count = 0;
  unsigned_lanes at = drawn.first + places();
  for (std::size_t i = 0; i < drawn.size; i += lanes, at += lanes) {
    const auto word = unsigned_lanes(load(drawn.words + i));
    const signed_lanes slot = gather(slots, outcome(alias, word));
    count += store_selected(greater(load(drawn.keys + i), slot), at, out + count);
  }
  return count;
}

GRADSIEVE_TARGET inline std::size_t interval(const interval_rule& rule, const window_view& window,
                                             drawn_keys drawn, std::uint32_t* out) {
  const alias_view alias = rule.interval_of;
  std::size_t count = 0;
  unsigned_lanes at = drawn.first + places();
  for (std::size_t i = 0; i < drawn.size; i += lanes, at += lanes) {
    const unsigned_lanes of = 2 * outcome(alias, unsigned_lanes(load(drawn.words + i)));
    const auto low = unsigned_lanes(gather(&rule.intervals->low, of));
    const auto high = unsigned_lanes(gather(&rule.intervals->high, of));
    const signed_lanes key = load(drawn.keys + i);
    const std::uint32_t above = greater(key, gather(window.slots, low));
    const std::uint32_t beyond = greater(key, gather(window.slots, high));
    count += store_selected(above & (~beyond | bits(key == key_always)), at, out + count);
  }
  return count;
}

GRADSIEVE_TARGET inline std::size_t general(const general_rule& rule, const window_view& window,
                                            drawn_keys drawn, std::uint32_t* out) {
  std::uint32_t rank[wide_kernels::most];
  ranks(window, drawn.keys, drawn.size, rank);
  std::size_t count = 0;
  unsigned_lanes at = drawn.first + places();
  for (std::size_t i = 0; i < drawn.size; i += lanes, at += lanes) {
    const auto word = unsigned_lanes(load(drawn.words + i));
    const signed_lanes key = load(drawn.keys + i);
    const unsigned_lanes half = 2 * unsigned_lanes(load(rank + i));  // a mass's lower one is first
    const auto low = unsigned_lanes(gather(rule.masses, half));
    const signed_lanes whole = gather(rule.masses, half + 1);
    const std::uint32_t by_chance = bits(word < low) | bits(whole != 0);
    count += store_selected((by_chance & ~bits(key == key_never)) | bits(key == key_always), at,
                            out + count);
  }
  return count;
}

inline constexpr wide_kernels kernels = {lanes,     &to_keys,  &rank_entries, &count_finite,
                                         &draw,     &draw_ids, &encrypt,      &ranks,
                                         &monotone, &interval, &general};

#endif
