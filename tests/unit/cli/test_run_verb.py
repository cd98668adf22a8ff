"""`run`: the daemon in the foreground."""

import os
import signal

from ejsync.daemon import Daemon
from ejsync.errors import Exit


def test_the_daemons_verdict_is_the_exit_code(home, run, monkeypatch):
    """The exchange is opened to work, and what the clockwork returns ends the process."""
    epochs = []

    def work(self):
        epochs.append(self._exchange.schools["school-7"].epoch)
        return Exit.INSTANCE_RUNNING

    monkeypatch.setattr(Daemon, "run", work)
    monkeypatch.setattr("ejsync.logs.configure", lambda *_: None)
    assert run("run").exit_code == 10
    assert epochs == [1]


def test_it_does_not_start_on_broken_settings(home, run):
    """A missing key is exit 4, before anything is opened."""
    (home / "master.key").unlink()
    assert run("run").exit_code == 4
    assert not (home / "state").exists()


def test_a_stop_during_the_start_is_obeyed(home, run, monkeypatch):
    """SIGTERM while the store is still being opened ends the process: number 1 of a container has no default for it."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("ejsync.logs.configure", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        assert run("run").exit_code == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not (home / "state").exists()
