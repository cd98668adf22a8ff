"""The master secret is changed beside a working daemon, and whoever changes it is killed at random moments."""

import os
import signal
import time
from pathlib import Path
from random import Random

import pytest

from ejsync.store.checking import KEYS, SHUT, examine
from ejsync.vault import Master, Vault, key_copy_left_behind
from tests.e2e.chaos import World
from tests.e2e.lives import Cradle

ROUNDS = 60
PUPILS = 8


class Rotations:
    """A school that lives on, and one change of its master secret after another."""

    def __init__(self, folder):
        self.rng = Random(20)
        self.world = World(folder, self.rng, pupils=PUPILS)
        self.cradle = Cradle(folder)
        self.store = folder / "ejsync.db"
        self.files = [folder / "master"]
        self.killed_before = self.killed_after = 0

    def change(self, within_s):
        """Change the master with a life of so many seconds, see that all opens, and complete the change."""
        former = _master(self.files[-1])
        self.files.append(self.store.with_name(f"master-{len(self.files)}"))
        self.files[-1].write_text(self.rng.randbytes(32).hex())
        self.world.edit()
        killed = self._rotate(within_s)
        under = self.opens_all(former, _master(self.files[-1]))
        if killed:
            self.killed_before += under == former
            self.killed_after += under != former
        assert self._rotate(None) is False
        assert self.opens_all(_master(self.files[-1])) == _master(self.files[-1])
        assert key_copy_left_behind(self.store, _master(self.files[-1]).id) is None
        assert self.world.daemon.poll() is None, (self.store.parent / "daemon.log").read_text()[-3000:]

    def _rotate(self, within_s):
        """Run the verb; tells whether it was killed. It may not fail in any other way."""
        self.cradle.begin("keys", "rotate", "--to", f"file:{self.files[-1]}", within_s=within_s)
        status, _ = self.cradle.end()
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.waitstatus_to_exitcode(status) == 0
        return False

    def opens_all(self, *masters):
        """Return the one of some masters that opens every key and every sealed value."""
        with_any = Vault(self.store, lambda: masters[0].secret)
        under = with_any.standing()[0].master
        with_any.close()
        (fits,) = [master for master in masters if master.id == under]
        vault = Vault(self.store, lambda: fits.secret)
        try:
            assert vault.verify() > PUPILS
            assert not [one for one in examine(self.store, vault).findings if one.name in {SHUT, KEYS}]
        finally:
            vault.close()
        return fits

    def name_the_newest(self):
        """Let the settings name the newest secret, as the last step of the procedure says, and destroy all others."""
        self.files[-1].replace(self.files[0])
        for file in self.files[1:-1]:
            file.unlink()

    def close(self):
        """End every process."""
        self.cradle.close()
        self.world.close()


def _master(file: Path) -> Master:
    return Master(bytes.fromhex(file.read_text()))


@pytest.mark.slow
def test_killed_at_random_beside_a_daemon_one_secret_opens_all(tmp_path, tally):
    """Whenever a change is killed, the old or the new secret opens everything; repeated it is whole; nobody stops."""
    living = Rotations(tmp_path)
    try:
        living.world.consent()
        living.world.start_daemon()
        living.world.settle(120)
        living.world.cli("db", "backup")
        began = time.monotonic()
        living.change(None)
        whole_s = time.monotonic() - began
        for _ in range(ROUNDS):
            living.change(living.rng.uniform(0, whole_s))
        living.name_the_newest()
        living.world.edit()
        living.world.settle(120)
        assert living.world.stop_daemon() < 15
        assert "Every key opens" in living.world.cli("--lang", "en", "keys", "check")
        living.world.cli("audit", "verify")
    finally:
        living.close()
    tally.append(
        f"master changed {ROUNDS} times beside a daemon: killed {living.killed_before} times under the old secret and"
        f" {living.killed_after} times under the new one; all opened each time"
    )
    assert living.killed_before
    assert living.killed_after
