"""Recovery from `kill -9`: seconds from the start of a process to its first batch, with many rows waiting and one.

The diary is a socket that notes when a batch arrives and never answers; the journal is away. Each start follows a kill
in the middle of a push, so that a batch is in flight. Compare the ratio, not the seconds.
"""

import argparse
import importlib
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from ejsync.bootstrap import opened
from ejsync.domain.records import Feed
from ejsync.domain.windows import Window
from ejsync.pipeline.absorb import absorb
from ejsync.pipeline.normalise import normalise
from ejsync.settings import load

sys.path.insert(0, str(Path(__file__).parents[1]))
invented: Any = importlib.import_module("tests.doubles.records")

HOST = "127.0.0.1"
CHUNK = 2000
LESSONS_A_DAY, CLASSES = 8, 40
WITHIN_S = 120.0
CONFIG = """
[store]
path = "ejsync.db"
[keys]
master = "file:master"
[service]
port = 0
[delivery]
every_seconds = 1
[[schools]]
name = "many"
title = "Many"
timezone = "Europe/Moscow"
[schools.source]
type = "eljur"
base_url = "http://127.0.0.1:1/apiv3"
vendor = "away"
devkey = "file:master"
accounts = [{{ name = "one", login = "one", password = "file:master" }}]
[[schools.sinks]]
type = "ed"
base_url = "http://127.0.0.1:{port}"
token = "file:master"
"""


def fill(folder: Path, rows: int) -> None:
    """Put so many lessons into the store, as a reading would; all of them wait."""
    with opened(load(folder / "ejsync.toml", reveal=True), working=True) as exchange:
        [wiring] = exchange.schools.values()
        for start in range(0, rows, CHUNK):
            records = [lesson(number) for number in range(start, min(start + CHUNK, rows))]
            normal = normalise(wiring, records)
            with wiring.store.begin(wiring.school) as tx:
                absorb(wiring, tx, Window(Feed.TIMETABLE, f"part {start}", "getschedule"), (), normal)


def lesson(number: int) -> Any:
    """Return one lesson of many."""
    day, rest = divmod(number, LESSONS_A_DAY * CLASSES)
    form, place = divmod(rest, LESSONS_A_DAY)
    name = f"{form % 11 + 1}{chr(ord('А') + form // 11)}"
    return invented.lesson(place + 1, of=name, day=date(2026, 9, 1) + timedelta(days=day))


@contextmanager
def instance(folder: Path) -> Iterator[None]:
    """Run `ejsync run` for the length of the block, and end it by SIGKILL."""
    command = [sys.executable, "-m", "ejsync", "--config", str(folder / "ejsync.toml"), "run"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def first_batch_s(folder: Path, listener: socket.socket) -> float:
    """Start the instance and return the seconds until a batch has begun to arrive; then kill it."""
    began = time.perf_counter()
    with instance(folder):
        while True:
            line, _ = listener.accept()
            with line:
                line.settimeout(WITHIN_S)
                if b"/batches " in line.recv(4096).partition(b"\r\n")[0]:
                    return time.perf_counter() - began


def measured(rows: int, runs: int) -> list[float]:
    """Return the seconds of each recovery with so many rows waiting."""
    with tempfile.TemporaryDirectory() as name, socket.create_server((HOST, 0)) as listener:
        folder = Path(name)
        listener.settimeout(WITHIN_S)
        (folder / "ejsync.toml").write_text(CONFIG.format(port=listener.getsockname()[1]))
        (folder / "master").write_text(secrets.token_hex(32))
        fill(folder, rows)
        first_batch_s(folder, listener)  # leaves a batch in flight
        return [first_batch_s(folder, listener) for _ in range(runs)]


def main() -> None:
    """Measure both and print them with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    one, many = (median(measured(rows, asked.runs)) for rows in (1, asked.rows))
    print(f"{'rows waiting':>14}{'first batch after, s':>22}{'× one row':>11}")
    for rows, seconds in ((1, one), (asked.rows, many)):
        print(f"{rows:>14}{seconds:>22.2f}{seconds / one:>11.2f}")


if __name__ == "__main__":
    main()
