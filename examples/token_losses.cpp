// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Selection by token: padded rows, targets of -100, a mask of the tokens to train on.
//!   g++ -std=c++20 -O2 -Iinclude examples/token_losses.cpp -o token_losses && ./token_losses
#include <gradsieve/gradsieve.hpp>

#include <cmath>
#include <cstdio>

constexpr std::size_t rows = 16, columns = 32, block = rows * columns;
constexpr std::int64_t words = 100;

// Rows of words, the w-th about as often as 1 / w, with the word that always follows each.
void draw_batch(std::uint32_t step, std::int64_t* word, std::int64_t* target) {
  const gradsieve::draw_key key{.seed = 7, .step = step, .use = gradsieve::purpose::user};
  for (std::size_t i = 0; i < block; ++i) {
    word[i] = static_cast<std::int64_t>(
        std::pow(double{words}, gradsieve::to_unit(gradsieve::draw(key, i))) - 1);
    const std::size_t length = gradsieve::draw(key, block + i / columns) % columns + 1;
    target[i] = i % columns < length ? (word[i] * 7 + 3) % words : -100;
  }
}

// The model is a table of logits; these are one word's probabilities of the next.
void softmax(const double* logits, double* p) {
  double sum = 0;
  for (std::int64_t v = 0; v < words; ++v) sum += p[v] = std::exp(logits[v]);
  for (std::int64_t v = 0; v < words; ++v) p[v] /= sum;
}

void train(const char* name, const gradsieve::curve& policy) {
  double logits[words][words] = {}, p[block][words];
  gradsieve::sieve sieve({.policy = policy, .history = 1024, .seed = 1});
  gradsieve::token_batch tokens(block);
  float mean = 0;  // of the last batch
  for (std::uint32_t step = 0; sieve.work().backwards < 3'000; ++step) {
    std::int64_t word[block], target[block];
    float losses[block] = {};
    std::uint8_t keep[block], mask[block];
    draw_batch(step, word, target);
    gradsieve::write_keep(target, keep);       // 0 where the target is -100
    for (std::size_t i = 0; i < block; ++i) {  // forward pass: one loss per token
      softmax(logits[word[i]], p[i]);
      if (keep[i]) losses[i] = static_cast<float>(-std::log(p[i][target[i]]));
    }
    tokens.assign(gradsieve::loss_matrix<float>{losses, rows, columns}, keep);
    tokens.write_mask(sieve.pick(tokens.ids(), tokens.losses()).positions(), mask);
    for (std::size_t i = 0; i < block; ++i)  // backward pass of the chosen
      for (std::int64_t v = 0; mask[i] && v < words; ++v)
        logits[word[i]][v] -= 0.5 * (p[i][v] - (v == target[i]));
    gradsieve::reduce(gradsieve::loss_matrix<float>{losses, 1, block}, keep,
                      gradsieve::reduction::mean, std::span(&mean, 1));
  }
  std::printf("%-16s after 3 000 gradients: %.2f nats a token\n", name, double{mean});
}

int main() {
  train("every token", gradsieve::uniform{1.0});
  train("selected tokens", gradsieve::power{.beta = 1.0});
}
