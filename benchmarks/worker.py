"""One system in a process of its own: ``python -m benchmarks.worker SYSTEM WORK THREADS OUT``.

Prints a line of JSON when it is ready, and one for each line that it reads. Its first answer is kept in OUT.
"""

import json
import sys
import time
from pathlib import Path

import torch

from benchmarks import ours, theirs
from benchmarks.checkpoint import files
from benchmarks.inputs import Inputs

SYSTEMS = {"mezzotint": ours, "diffusers": theirs}


def memory_kb(what: str) -> int:
    """``RssAnon``, what the process holds of its own, or ``VmHWM``, the most it ever had, files it maps included."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1])
    return 0


def main() -> None:
    system, work, threads, out = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    run = SYSTEMS[system].prepare(work, files(), Inputs())
    before = memory_kb("RssAnon")
    print(json.dumps({"ready": system}), flush=True)
    for number, _ in enumerate(sys.stdin):
        since = time.perf_counter()
        answer = run()
        seconds = time.perf_counter() - since
        held = memory_kb("RssAnon")
        print(
            json.dumps({"seconds": seconds, "anon_gb": (held - before) / 1e6, "peak_gb": memory_kb("VmHWM") / 1e6}),
            flush=True,
        )
        if not number:
            torch.save(answer() if callable(answer) else answer, out)


if __name__ == "__main__":
    main()
