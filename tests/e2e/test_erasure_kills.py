"""Pupils are erased beside a working daemon, and whoever erases them is killed at random moments."""

import json
import os
import re
import signal
import time
from random import Random

import pytest

from ejsync.store.inspection import holder
from ejsync.store.old_files import acts_of
from tests.e2e.chaos import World
from tests.e2e.lives import Cradle

PUPILS, ERASED = 16, 8
WORDS = ("--reason", "отзыв согласия", "--document", "14", "--by", "директор", "--yes")
UNDER_WAY = 5
OF_A_CLASS = {"lesson_statistics", "recommendation"}


class Erasures:
    """A school that lives on, and one erasure after another."""

    def __init__(self, folder):
        self.rng = Random(21)
        self.world = World(folder, self.rng, pupils=PUPILS)
        self.cradle = Cradle(folder)
        self.store = folder / "ejsync.db"
        self.kills = 0

    def erase(self, pupil, whole_s):
        """Order an erasure, kill whoever takes its steps several times, the daemon once, and bring it to its end."""
        self.world.permitted.discard(pupil)
        for _ in range(self.rng.randint(1, 4)):
            self._order(pupil, self.rng.uniform(0, whole_s))
        if self.rng.random() < 0.5:
            self.world.kill_daemon()
            self._await_daemon()
        self.finish(pupil)

    def _await_daemon(self):
        """Wait until the next daemon works on the store: a command that comes first would be the working instance."""
        deadline = time.monotonic() + 60
        while holder(self.store) != self.world.daemon.pid:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def finish(self, pupil):
        """Give the command again until it says that all is done."""
        for _ in range(20):
            if self._order(pupil, None) == 0:
                return
        raise AssertionError("the erasure came to no end")

    def _order(self, pupil, within_s):
        """Run the verb and return how it ended, None for killed; it may not fail in any other way."""
        self.cradle.begin("privacy", "erase", pupil, *WORDS, within_s=within_s)
        status, _ = self.cradle.end()
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            self.kills += 1
            return None
        code = os.waitstatus_to_exitcode(status)
        assert code in {0, UNDER_WAY}
        return code

    def places(self, pupil):
        """The files of the store, its backups among them, in which the pupil's owner word stands."""
        word = re.compile(rb"pupil:%s(?![0-9])" % pupil.encode())
        files = [*self.store.parent.glob("ejsync.db*"), *(self.store.parent / "backups").iterdir()]
        return [file.name for file in files if file.is_file() and word.search(file.read_bytes())]

    def settle(self):
        """Wait until the diary shows what the journal says, but for figures of classes: those erased count no more."""
        deadline = time.monotonic() + 120
        while {kind for found in self.world.compared().by_kind().values() for kind in found} - OF_A_CLASS:
            assert time.monotonic() < deadline, self.world.compared().by_kind()
            time.sleep(1)

    def close(self):
        """End every process."""
        self.cradle.close()
        self.world.close()


@pytest.mark.slow
def test_killed_at_random_an_erasure_leaves_nothing_and_tells_the_diary_once(tmp_path, tally):
    """Whenever it is killed it goes on; at its end no file knows the pupil, the log verifies, and one act is there."""
    living = Erasures(tmp_path)
    world = living.world
    try:
        world.consent()
        world.start_daemon()
        world.settle(120)
        world.cli("db", "backup")
        first, *others = living.rng.sample(sorted(world.permitted), ERASED)
        assert living.places(first) != []
        began = time.monotonic()
        world.permitted.discard(first)
        living.finish(first)
        whole_s = time.monotonic() - began
        for pupil in others:
            living.erase(pupil, whole_s)
        world.edit()
        living.settle()
        assert world.stop_daemon() < 15
        assert {pupil: living.places(pupil) for pupil in [first, *others]} == {pupil: [] for pupil in [first, *others]}
        world.cli("audit", "verify")
        acts = [path for path in acts_of(living.store).iterdir() if path.suffix == ".pdf"]
        assert len(acts) == ERASED
        entries = json.loads(world.cli("audit", "tail", "-n", "100000", "--json"))["events"]
        told = [one["details"]["pupil"] for one in entries if one["event"] == "erasure.told"]
        assert len(told) == len(set(told)) == ERASED
    finally:
        living.close()
    tally.append(
        f"erasures: {ERASED} pupils beside a daemon, the command killed {living.kills} times:"
        f" {len(acts)} acts, {len(told)} confirmations of the diary, 0 traces"
    )
    assert living.kills >= ERASED // 2
