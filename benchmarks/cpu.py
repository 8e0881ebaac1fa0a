"""mezzotint beside diffusers on a CPU, with the same weights: ``python -m benchmarks.cpu [--work step,load]``.

Prints a table, or with ``--json`` one line of JSON per work. A ratio counts only if both answer alike: where they
differ by more than the tolerance the run ends with status 1. The checkpoint with random weights, 8 GB in three forms,
is made under ``build/benchmarks`` on the first run.
"""

import argparse
import json
import sys
from dataclasses import asdict

import torch

from benchmarks.checkpoint import FOLDER, files
from benchmarks.inputs import TOLERANCE
from benchmarks.rounds import Measured, measure, ratio

SYSTEMS = "mezzotint", "diffusers"
GFLOP = {"step": 1606.6, "text": 26.6, "decode": 2514.5, "encode": 1116.7}
"""Counted on the meta device for 512 x 512 px: a step and the text are for prompt and negative prompt together."""
TITLES = {
    "step": "U-Net, 512², guided step",
    "text": "text encoder, prompt and negative",
    "decode": "VAE decode, 512²",
    "encode": "VAE encode, 512²",
    "load": "load from 2.1 GB in half precision",
    "picture": "whole picture, 256², 4 steps",
}


def report(measured: Measured) -> dict[str, object]:
    """The figures of one work."""
    ours, theirs = ([reading.seconds for reading in measured.readings[system]] for system in SYSTEMS)
    found = ratio(ours, theirs)
    best = max(speed.product for speed in measured.speeds)
    work = measured.work
    return {
        "work": work,
        "seconds": {system: round(measured.seconds(system), 4) for system in SYSTEMS},
        "ratio": round(found.middle, 3),
        "ratio_low": round(found.low, 3),
        "ratio_high": round(found.high, 3),
        "share_of_product_rate": round(GFLOP[work] / measured.seconds("mezzotint") / best, 3)
        if work in GFLOP
        else None,
        "anon_gb": {system: round(measured.readings[system][-1].anon_gb, 2) for system in SYSTEMS},
        "difference": measured.difference,
        "is_alike": measured.difference <= TOLERANCE[work],
        "rounds": len(ours),
        "speeds": [asdict(speed) for speed in measured.speeds],
    }


def row(figures: dict[str, object]) -> str:
    """The figures as a row of a Markdown table."""
    seconds = figures["seconds"]
    assert isinstance(seconds, dict)
    share = figures["share_of_product_rate"]
    return (
        f"| {TITLES[str(figures['work'])]} | {seconds['mezzotint']:.3g} | {seconds['diffusers']:.3g} "
        f"| {figures['ratio']:.2f} ({figures['ratio_low']:.2f} to {figures['ratio_high']:.2f}) "
        f"| {'' if share is None else f'{share:.0%}'} | {figures['difference']:.1e} |"
    )


HEAD = "| what | mezzotint, s | diffusers, s | ratio (95 %) | of sgemm | difference |\n|---|---|---|---|---|---|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default=",".join(TITLES), help=", ".join(TITLES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    names = chosen.work.split(",")
    if unknown := [name for name in names if name not in TITLES]:
        parser.error(f"no work is called {unknown[0]!r}; there are {', '.join(TITLES)}")
    files()
    are_alike = True
    if not chosen.json:
        print(HEAD, flush=True)
    for name in names:
        measured = measure(
            name, SYSTEMS, rounds=chosen.rounds, threads=chosen.threads, folder=FOLDER, fresh=name == "load"
        )
        figures = report(measured)
        are_alike = are_alike and bool(figures["is_alike"])
        print(json.dumps(figures) if chosen.json else row(figures), flush=True)
    sys.exit(0 if are_alike else 1)


if __name__ == "__main__":
    main()
