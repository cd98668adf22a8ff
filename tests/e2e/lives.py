"""A fork server: a process that has imported everything and gives birth to one `ejsync` after another.

`ejsync run` takes over a second to import; a fork of this process takes none. It has one thread, opens no socket and no
database, and does nothing but fork, wait, kill and tell. Each child runs the real command line.

Protocol, one JSON document a line. Asked: `{"words": [...], "point": "", "nth": 1, "within_s": 0.5}`; answered, once
the child has ended: `{"status": wait status, "point": place that ended it, or ""}`. A child that lives longer than
`within_s` is killed; without it, whoever asked ends it: its number stands in a first answer `{"pid": ...}`.

With words of its own (`python -m tests.e2e.lives --config PATH run`) it is such an `ejsync` itself, and serves nobody.
"""

import gc
import json
import os
import select
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

SOON = 20.0
"""By how much faster than its settings allow an instance of the test looks into the outbox, and tries again."""


class Cradle:
    """The asking side.

    Args:
        folder: where the settings stand and what the children say is kept.
    """

    def __init__(self, folder):
        self._log = (folder / "lives.log").open("ab")
        self._config = str(folder / "ejsync.toml")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.lives"], cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
        )  # fmt: skip

    def begin(self, *words, point="", nth=1, within_s=None):
        """Give birth to `ejsync WORDS` and return its number; `end` must follow."""
        asked = {"words": ["--config", self._config, *words], "point": point, "nth": nth, "within_s": within_s}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()["pid"]

    def end(self):
        """Wait for the end of the child and return its wait status and the place that ended it."""
        told = self._answer()
        return told["status"], told["point"]

    def _answer(self):
        line = self._process.stdout.readline()
        assert line, "the fork server has ended"
        return json.loads(line)

    def close(self):
        """End the server; a child that still lives ends with it."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()


def _serve():
    """Answer until the other side hangs up."""
    from ejsync import bootstrap
    from ejsync.cli import entry

    _load()
    compiled = bootstrap.Contracts()
    bootstrap.Contracts = lambda: compiled  # the same for every life
    gc.freeze()
    asking, answering = sys.stdin.buffer, os.dup(1)
    os.dup2(2, 1)  # what the children print
    for line in asking:
        asked = json.loads(line)
        reading, telling = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            asking.close()
            os.close(answering)
            _live(entry, asked, telling)
        os.close(telling)
        _tell(answering, {"pid": child})
        status = _ended(child, asked["within_s"])
        _tell(answering, {"status": status, "point": os.read(reading, 100).decode()})
        os.close(reading)


def _load():
    """Import what the verbs import when they are called: a child would do it again each time."""
    import importlib

    for name in ("daemon", "logs", "sinks.ed.client", "sources.eljur.client", "cli.consent_import", "cli.audit_check"):
        importlib.import_module(f"ejsync.{name}")


def _tell(answering, document):
    os.write(answering, json.dumps(document).encode() + b"\n")


def _ended(child, within_s):
    """Wait for a child, kill it when its time is over, or when whoever asked has gone."""
    watched = os.pidfd_open(child)
    try:
        gone = [] if within_s is not None else [sys.stdin]
        ready, _, _ = select.select([watched, *gone], [], [], within_s)
        if watched not in ready:
            os.kill(child, signal.SIGKILL)
        return os.waitpid(child, 0)[1]
    finally:
        os.close(watched)


def _hasten():
    """Let this process wait for a moment where the product waits for minutes: between tries, for a host, for rights."""
    from apscheduler.triggers.interval import IntervalTrigger

    from ejsync import daemon
    from ejsync.domain import backoff, breaker
    from ejsync.sources.eljur.client import rights

    def trigger(*, seconds=0, days=0, jitter=False):
        quick = jitter is False and not days  # a look into the outbox: the settings allow no shorter time than a second
        return IntervalTrigger(seconds=seconds / SOON if quick else seconds, days=days, jitter=jitter or None)

    daemon.IntervalTrigger = trigger
    rights._GOOD_FOR = timedelta(seconds=1)  # an hour: who joins a class may be read after a second here
    backoff.STEPS_S = tuple(min(step / SOON, 0.5) for step in backoff.STEPS_S)
    breaker.SHORTEST_REST_S = breaker.LONGEST_REST_S = breaker.PROBE_S = 0.5


def _live(entry, asked, telling):
    """Be an `ejsync`, to the end."""
    from tests.e2e.crash_points import Fuse, lay

    _hasten()
    lay(Fuse(asked["point"], asked["nth"], telling))
    code = 1
    try:
        entry.cli.main(asked["words"])
    except SystemExit as ending:
        code = ending.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    if sys.argv[1:]:
        from ejsync.cli.entry import main

        _hasten()
        main()
    else:
        _serve()
