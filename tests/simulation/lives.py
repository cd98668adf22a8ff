"""Lives many seeds in one process and tells of each in a line of JSON."""

import argparse
import gc
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import orjson
import structlog

from tests.simulation.machine import Ground
from tests.simulation.planted import PLANTED
from tests.simulation.searching import searched
from tests.simulation.story import plan_of, run

MEMORY = Path("/dev/shm")
"""Where a file costs no disk; a machine without it takes longer."""


@contextmanager
def ground():
    """What all worlds of this process stand on."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    folder = Path(tempfile.mkdtemp(prefix="ejsync-sim-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        made = Ground(folder)
        gc.collect()
        gc.freeze()
        yield made
    finally:
        shutil.rmtree(folder)


def told(world, seconds):
    """What a run wants to know of one seed."""
    return {
        "seed": world.seed,
        "findings": world.oracle.findings,
        "reach": world.reach,
        "kills": world.kills,
        "records": world.oracle.records,
        "doubled": world.oracle.doubled,
        "digest": world.digest(),
        "seconds": round(seconds, 4),
    }


def hunt(name, shared, most):
    """Return the first seed that finds a planted bug and what it found, and how many were lived; None for none."""
    bug, lived = PLANTED[name], 0
    for seed in range(most):
        if bug.needs and not set(bug.needs) & set(plan_of(seed)):
            continue
        lived += 1
        with bug.planted():
            world = run(seed, shared)
        if world.oracle.findings:
            return {"bug": name, "seed": seed, "lived": lived, "found": world.oracle.findings[0]}
    return {"bug": name, "seed": None, "lived": lived, "found": ""}


def main(arguments):
    """Live what is asked for; returns 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("seed", type=int, nargs="?")
    parser.add_argument("--trace", action="store_true", help="print the event log")
    parser.add_argument("--range", type=int, nargs=3, metavar=("FIRST", "END", "STEP"))
    parser.add_argument("--plant", nargs="+", metavar="BUG", help="hunt planted bugs by name")
    parser.add_argument("--most", type=int, default=500, help="seeds in which a planted bug must be found")
    parser.add_argument("--searched", type=int, nargs=2, metavar=("FIRST", "SEEDS"), help="search them for tokens")
    asked = parser.parse_args(arguments)
    if asked.searched:
        print(orjson.dumps(searched(*asked.searched)).decode())
        return 0
    if asked.plant:
        with ground() as shared:
            for name in asked.plant:
                print(orjson.dumps(hunt(name, shared, asked.most)).decode(), flush=True)
        return 0
    seeds = range(*asked.range) if asked.range else [asked.seed]
    broken = 0
    with ground() as shared:
        for seed in seeds:
            began = time.process_time()
            world = run(seed, shared)
            broken += bool(world.oracle.findings)
            if asked.range:
                print(orjson.dumps(told(world, time.process_time() - began)).decode(), flush=True)
            else:
                print("\n".join([*world.log, f"log {world.digest()}", *(world.oracle.findings or ["sound"])]))
    return bool(broken)
