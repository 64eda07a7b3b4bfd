#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The gradsieve authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Selection as one composes it from PyTorch's operations, timed on the current GPU.

Usage: eager_pytorch.py OUT.json [--quick]

A window of the last 1024 losses, percentiles by searchsorted, the power 2, a draw each, and the
positions by nonzero, which waits for the device. OUT.json is in Google Benchmark's format.
"""

import json
import statistics
import sys

import torch

HISTORY = 1024
BETA = 2.0
REPETITIONS = 5  # as many as a comparison of runs needs


class Selector:
    def __init__(self, device):
        self.window = torch.rand(HISTORY, device=device)

    def pick(self, losses):
        newest = losses[-HISTORY:]
        self.window = torch.roll(self.window, -newest.numel())
        self.window[-newest.numel():] = newest
        ranks = torch.searchsorted(torch.sort(self.window).values, losses)
        probabilities = (ranks / HISTORY).pow(BETA)
        return torch.nonzero(torch.rand_like(losses) < probabilities).squeeze(1)


def time_of(call, repeats):
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for _ in range(repeats):
        call()
    end.record()
    torch.cuda.synchronize()
    return begin.elapsed_time(end) * 1000 / repeats  # microseconds


def measure(n):
    losses = torch.rand(n, device="cuda")
    selector = Selector("cuda")
    repeats = 100 if n < 1 << 22 else 5
    time_of(lambda: selector.pick(losses), 3)
    times = [time_of(lambda: selector.pick(losses), repeats) for _ in range(REPETITIONS)]
    share = selector.pick(losses).numel() / n
    if n >= 1 << 20 and not 0.30 < share < 0.37:
        sys.exit(f"wrong answer: eager_pytorch: a share of {share:.3f} is selected")
    return times


def lines(n, times):
    name = f"gpu/pick/eager_pytorch/N:{n}/H:{HISTORY}"
    for statistic in (statistics.median, min, max):
        took = statistic(times)
        yield {
            "name": f"{name}_{statistic.__name__}",
            "run_name": name,
            "run_type": "aggregate",
            "repetitions": REPETITIONS,
            "threads": 1,
            "aggregate_name": statistic.__name__,
            "aggregate_unit": "time",
            "iterations": REPETITIONS,
            "real_time": took,
            "cpu_time": took,
            "time_unit": "us",
            "per_example": took * 1e-6 / n,
            "waits": 1,  # nonzero tells the host how many there are
        }


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    if not torch.cuda.is_available():
        sys.exit("eager_pytorch.py: there is no GPU")
    sizes = [128, 4096, 16384] if "--quick" in sys.argv else [128, 4096, 16384, 1 << 20, 1 << 24]
    if "--quick" not in sys.argv and torch.cuda.get_device_properties(0).total_memory > 60e9:
        sizes.append(1_000_000_000)
    results = {
        "context": {"torch": torch.__version__},
        "benchmarks": [line for n in sizes for line in lines(n, measure(n))],
    }
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(results, out)


main()
