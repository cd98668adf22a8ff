"""Many seeds on all cores: processes of their own, each telling a JSON line a seed."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]
PROCESSES = 2


def lines(arguments, **environment):
    """Run `python -m tests.simulation` once for each list of arguments, side by side, and yield what they tell."""
    with ExitStack() as stack:
        told = [stack.enter_context(tempfile.TemporaryFile()) for _ in arguments]  # a pipe that fills up would stop one
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.simulation", *map(str, some)],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=file,
            )
            for some, file in zip(arguments, told, strict=True)
        ]
        for process in running:
            stack.callback(process.wait)
            stack.callback(process.kill)
        for process, file in zip(running, told, strict=True):
            process.wait()
            file.seek(0)
            yield from map(orjson.loads, file)


@dataclass
class Crowd:
    """What many seeds came to."""

    seeds: int = 0
    kills: int = 0
    records: int = 0
    doubled: int = 0
    findings: dict = field(default_factory=dict)
    digests: dict = field(default_factory=dict)
    reach: Counter = field(default_factory=Counter)

    @classmethod
    def of(cls, first, count, **environment):
        """Live some seeds, every other one in each process."""
        made = cls()
        shares = [("--range", first + place, first + count, PROCESSES) for place in range(PROCESSES)]
        for told in lines(shares, **environment):
            made.add(told)
        assert made.seeds == count, f"{count - made.seeds} seeds came to no end"
        return made

    def add(self, told):
        """Count one seed."""
        self.seeds += 1
        self.kills += told["kills"]
        self.records += told["records"]
        self.doubled += told["doubled"]
        self.reach.update(told["reach"])
        self.digests[told["seed"]] = told["digest"]
        if told["findings"]:
            self.findings[told["seed"]] = told["findings"]

    def faults(self):
        """How often each kind of fault came about."""
        return Counter({name.removeprefix("fault "): n for name, n in self.reach.items() if name.startswith("fault ")})


def hunted(names):
    """Hunt planted bugs side by side; yields what became of each."""
    yield from lines([("--plant", *names[place::PROCESSES]) for place in range(PROCESSES)])
