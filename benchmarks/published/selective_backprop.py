#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Selective-Backprop's selection as published, timed where it was published: in Python.

Usage: selective_backprop.py OUT.json [--quick]

The arithmetic is that of the code beside arXiv:1910.00762: a deque of the last 1024 losses, which is
counted through for every example, then a power and a draw. (Its draw is NumPy's, which takes longer
than this one.) OUT.json is in Google Benchmark's format.
"""

import collections
import json
import math
import platform
import random
import statistics
import struct
import sys
import time

HISTORY = 1024
BETA = 2
REPETITIONS = 5
MASK = (1 << 64) - 1


def loss_at(index):
    """The same losses as in benchmarks/support/losses.hpp."""
    x = (index + 1) * 0x9E3779B97F4A7C15 & MASK
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    word = x ^ x >> 31
    exponent = 118 + bin(word & 0xFFFF).count("1")
    return struct.unpack("<f", struct.pack("<I", exponent << 23 | word >> 41))[0]


class Selector:
    def __init__(self):
        self.history = collections.deque(maxlen=HISTORY)

    def percentile(self, loss):
        lower = 0
        for past in self.history:
            if past < loss:
                lower += 1
        return lower * 100.0 / len(self.history)

    def pick(self, losses):
        for loss in losses:
            self.history.append(loss)
        chosen = []
        for position, loss in enumerate(losses):
            if random.random() < math.pow(self.percentile(loss) / 100.0, BETA):
                chosen.append(position)
        return chosen


def measure(n):
    losses = [loss_at(i) for i in range(HISTORY + n)]
    selector = Selector()
    selector.pick(losses[:HISTORY])
    batch = losses[HISTORY:]
    seconds, shares = [], []
    for _ in range(REPETITIONS):
        start = time.process_time()
        chosen = selector.pick(batch)
        seconds.append(time.process_time() - start)
        shares.append(len(chosen) / n)
    expected = 1 / (1 + BETA)
    variance = expected * (1 - expected)
    tolerance = 5 * math.sqrt(variance / (n * REPETITIONS) + variance / min(n, HISTORY))
    if abs(statistics.mean(shares) - expected) > tolerance:
        sys.exit(f"wrong answer: python/pick/published_loop: a share of {shares} is selected")
    return seconds


def lines(n, seconds):
    name = f"python/pick/published_loop/N:{n}/H:{HISTORY}"
    for statistic in (statistics.median, min, max):
        took = statistic(seconds)
        yield {
            "name": f"{name}_{statistic.__name__}",
            "run_name": name,
            "run_type": "aggregate",
            "repetitions": REPETITIONS,
            "threads": 1,
            "aggregate_name": statistic.__name__,
            "aggregate_unit": "time",
            "iterations": REPETITIONS,
            "real_time": took * 1e9,
            "cpu_time": took * 1e9,
            "time_unit": "ns",
            "per_example": took / n,
        }


def main():
    random.seed(1)
    sizes = (128, 1024) if "--quick" in sys.argv else (128, 1024, 8192, 65536)
    results = {
        "context": {"python": platform.python_version()},
        "benchmarks": [line for n in sizes for line in lines(n, measure(n))],
    }
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(results, out)


main()
