"""Hundreds of lives of one instance, each ended by SIGKILL, against both sandbox servers in processes of their own.

As a program: `python -m tests.e2e.kills --kills 1000 --seed 7`. The school goes on editing, families withdraw, services
fail now and then. Nothing here looks inside the store: what counts is what the diary holds in the end.
"""

import argparse
import json
import os
import re
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.e2e.chaos import World
from tests.e2e.crash_points import POINTS, tallied
from tests.e2e.lives import Cradle

AT_RANDOM = "at random"
ONCE_ONLY = ("before commit of sink.joined", "after commit of sink.joined")
"""Places that a store passes once: the first lives end there."""
FAULT_FOR = {"batch.failed": ("diary", "error500"), "memory": ("journal", "expired_token")}
LAX = """
[guard]
retracted_share = 1.0
changed_share = 1.0
least_count = 100000
most_count = 100000
wiped_count = 100000
"""
"""In so small a school one pupil who leaves is a mass, and nobody is there to approve it."""
PUPILS = 8
SERIES = (
    ("before push", "before commit of batch.recovered"),
    ("after commit of batch.claimed", "after commit of batch.recovered"),
)
"""What follows from a death is a place that only the next life passes."""
MANY_TIMES = {"statement": 250, "audit entry written": 6, "after fetch": 6, "before fetch": 6}
"""How far into a life a place that is passed often may end it."""
LONGEST_LIFE_S = 0.6
LONGEST_TO_A_PLACE_S = 3.0
SPEED = 4.0
MOST_LIVES = 1500


class Siege:
    """The world, the fork server, and a tally of deaths."""

    def __init__(self, folder, seed):
        self.rng = Random(seed)
        self.world = World(folder, self.rng, pupils=PUPILS)
        settings = folder / "ejsync.toml"
        quicker = re.sub(
            r"(every_minutes) = ([\d.]+)", lambda m: f"{m[1]} = {float(m[2]) / SPEED}", settings.read_text()
        )
        settings.write_text(quicker + LAX)
        self.cradle = Cradle(folder)
        self.deaths, self.lives, self.verbs_killed = Counter(), 0, 0
        self._queue = [*ONCE_ONLY]

    def live_and_die(self):
        """One life: what happens at school before and during it, and its end."""
        point = self._next_point()
        self._disturb(point)
        by_hand = not point and self.rng.random() < 0.2
        nth = self.rng.randint(1, MANY_TIMES.get(point, 1))
        within_s = LONGEST_TO_A_PLACE_S if point else self.rng.uniform(0.02, LONGEST_LIFE_S)
        self.cradle.begin("sync" if by_hand else "run", point=point, nth=nth, within_s=within_s)
        if self.rng.random() < 0.3:
            self.world.edit()
        self._note(*self.cradle.end(), by_hand=by_hand)

    def _next_point(self):
        """Every place has its turn, and every third life ends at random."""
        if not self._queue:
            alone = [(point,) for point in POINTS if point not in {*ONCE_ONLY, *sum(SERIES, ())}]
            turns = [*alone, *SERIES, *[("",)] * (len(alone) // 2)]
            self._queue = [point for turn in self.rng.sample(turns, len(turns)) for point in turn]
        return self._queue.pop(0)

    def _disturb(self, point):
        world, chance = self.world, self.rng.random()
        if chance < 0.7 or "batch" in point or "push" in point:
            world.edit()
        elif chance < 0.75:
            world.journal_fault()
        elif chance < 0.77:
            world.diary_fault()
        elif chance < 0.79:
            self._withdraw()
        for word, (whose, kind) in FAULT_FOR.items():
            if word in point:
                door = world.door if whose == "journal" else world.ed["control"]
                match = "/batches" if whose == "diary" else ""
                world.http.post(f"{door}/faults", json={"kind": kind, "match": match}).raise_for_status()

    def _withdraw(self):
        """A family withdraws its consent; the verb is killed somewhere, and then said again."""
        pupil = self.world.next_withdrawal()
        if pupil is not None:
            words = ("consent", "withdraw", "--yes", pupil)
            for nth in (self.rng.randint(1, 60), -1):
                self.cradle.begin(*words, point="statement", nth=nth, within_s=20)
                status, point = self.cradle.end()
                self.verbs_killed += bool(point)
                assert point or os.waitstatus_to_exitcode(status) in {0, 2}, "neither withdrawn now nor before"

    def _note(self, status, point, *, by_hand):
        self.lives += 1
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            self.deaths[point or AT_RANDOM] += 1
        else:  # a `sync` that had nothing left to do
            code = os.waitstatus_to_exitcode(status)
            assert by_hand, f"a daemon ended by itself with {code}"
            assert code in {0, 3, 5, 7}, f"sync ended with {code}"

    def unreached(self, often):
        """Return the places that ended fewer lives than so many."""
        return [point for point in POINTS if self.deaths[point] < (1 if point in ONCE_ONLY else often)]

    def settle(self, within_s):
        """Live once more without being killed until both sides agree, and stop as one should."""
        pid = self.cradle.begin("run")
        self.world.settle(within_s)
        os.kill(pid, signal.SIGTERM)
        status, _ = self.cradle.end()
        assert os.waitstatus_to_exitcode(status) == 0

    def close(self):
        """End every process."""
        self.cradle.close()
        self.world.close()


def besiege(folder, *, kills, seed, often=2, settle_within_s=120):
    """Kill so many lives, each place at least `often` times, and return what was done and found."""
    siege, began = Siege(folder, seed), time.monotonic()
    try:
        siege.world.consent()
        while siege.deaths.total() < kills or siege.unreached(often):
            assert siege.lives < MOST_LIVES, siege.unreached(often)
            siege.live_and_die()
        lived_s = time.monotonic() - began
        siege.settle(settle_within_s)
        found, diary = siege.world.compared(), siege.world.state(siege.world.ed["control"])
        siege.world.cli("audit", "verify")
        return {
            "kills": siege.deaths.total() + siege.verbs_killed,
            "lives": siege.lives,
            "by_point": dict(sorted(tallied(siege.deaths).items())),
            "verbs_killed": siege.verbs_killed,
            "equal": found.equal,
            "records": found.delivered + found.withheld,
            "effects": diary["effects"],
            "batches": diary["batches"],
            "lost": found.lost,
            "doubled": found.duplicated,
            "unexpected": len(found.unexpected),
            "reordered": diary["version_regressions"],
            "receipts_replayed": diary["replayed"],
            "seconds": round(lived_s, 1),
        }
    finally:
        siege.close()


def main():
    """Run from the command line and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(besiege(Path(name), kills=asked.kills, seed=asked.seed), indent=2))


if __name__ == "__main__":
    main()
