"""An `ejsync` of a process of its own whose clock stands at the school's day, and which may have a bug.

`CANARY_TODAY` says the day. `CANARY_CRASH` says where an exception is raised that quotes what it was about, as
exceptions of libraries do: `verb`, `window`, `job`, `thread`.

Without words it is a fork server: it has imported everything and bears one `ejsync` after another, which takes a tenth
of the time. Asked in a line of JSON: `{"words": [...], "crash": "", "out": path, "err": path}`; answered with the exit
code when the child has ended. With `"point"` and `"nth"` the child ends itself there (tests/e2e/crash_points.py).
"""

import gc
import json
import os
import sys
from datetime import UTC, date, datetime, time

from tests.canaries.tokens import Mint

NOON_UTC = time(9, tzinfo=UTC)
CRASHES = ("verb", "window", "job", "thread")


def crash_text(mint, where):
    """What the planted exception quotes."""
    return mint.personal("crash", where)


def _crash(where):
    quoted = crash_text(Mint(), where)

    def crash(*_, **__):
        try:
            {}[quoted]
        except KeyError as error:
            raise ValueError(f"{quoted!r} is none of them") from error

    return crash


def _plant(where):
    from ejsync import health, rounds
    from ejsync.pipeline import sync
    from ejsync.store import SqlStore

    owner, name = {
        "verb": (SqlStore, "read"),
        "window": (sync, "normalise"),
        "job": (rounds.Rounds, "deliver"),
        "thread": (health.HealthServer, "_serve"),
    }[where]
    setattr(owner, name, _crash(where))


def _set_clock(day):
    from ejsync import runtime

    shift = datetime.combine(date.fromisoformat(day), NOON_UTC) - datetime.now(UTC)
    runtime.SystemClock.__init__.__defaults__ = (shift,)


def _plant_demo():
    """Let the demo play on the school of tokens, and leave its folder behind."""
    from pathlib import Path
    from tempfile import mkdtemp

    from ejsync.sandbox import processes, stage
    from tests.canaries.school import DIARY, JOURNAL

    class KeptFolder:
        def __init__(self, prefix):
            self._name = mkdtemp(prefix=prefix, dir=Path.cwd())

        def __enter__(self):
            return self._name

        def __exit__(self, *_):
            """Leave it: its bytes are searched."""

    processes._JOURNAL, processes._DIARY, stage.TemporaryDirectory = JOURNAL, DIARY, KeptFolder


def _prepare():
    _set_clock(os.environ["CANARY_TODAY"])
    _plant_demo()


def main():
    """Be an `ejsync`."""
    from ejsync.cli.entry import main as cli

    _prepare()
    if where := os.environ.get("CANARY_CRASH"):
        _plant(where)
    cli()


def serve():
    """Bear an `ejsync` for each line, until the other side hangs up."""
    from ejsync import bootstrap, daemon, logs  # noqa: F401 - what the verbs import when they are called
    from ejsync.cli import entry

    _prepare()
    compiled = bootstrap.Contracts()
    bootstrap.Contracts = lambda: compiled
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _live(entry.cli, asked)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _lay(point, nth):
    from tests.e2e.crash_points import Fuse, lay_erasing

    lay_erasing(Fuse(point, nth, os.open(os.devnull, os.O_WRONLY)))


def _live(cli, asked):
    """Be an `ejsync` in a forked child, to the end."""
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 1
    try:
        if asked["crash"]:
            _plant(asked["crash"])
        if asked.get("point"):
            _lay(asked["point"], asked["nth"])
        cli.main(asked["words"])
    except SystemExit as ending:
        code = ending.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main() if sys.argv[1:] else serve()
