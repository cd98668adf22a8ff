"""Requests a cycle makes of the journal, by school size, beside the plain plan of one request a pupil and read.

Counted by the simulated journal itself, over loopback, for one school after another: the first load, then a cycle in
which nothing was missed, then what the current period and the night add, and the requests of a usual day as `ejsync
plan` foresees them. The plain plan asks for every pupil's timetable, diary, homework, marks, finals and periods, and
once for the list of people.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ejsync.bootstrap import Exchange, Outside, opened
from ejsync.cli.requests import usual
from ejsync.domain.reads import Sweep
from ejsync.pipeline.sync import sync_feed
from ejsync.runtime import SystemClock
from ejsync.settings import Settings

TODAY = date(2026, 11, 18)
NOON, NEXT_NOON, NIGHT = timedelta(hours=9), timedelta(hours=33), timedelta(hours=48)
READS_OF_A_PUPIL = 6


@dataclass(frozen=True, slots=True)
class Counted:
    """Requests of one school: pupils, classes, and what each kind of cycle took."""

    pupils: int
    classes: int
    first: int
    cycle: int
    period: int
    night: int
    a_day: int

    @property
    def plain(self) -> int:
        """Requests of the plain plan for one cycle."""
        return self.pupils * READS_OF_A_PUPIL + 1


@contextmanager
def journal_of(pupils: int) -> Iterator[dict[str, Any]]:
    """Run a simulated journal as a process and yield what it announces."""
    command = [sys.executable, "-m", "ejsync", "sandbox", "journal", "--pupils", str(pupils), "--today", str(TODAY)]
    process = subprocess.Popen([*command, "--density", "0.2"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def settings(folder: Path, journal: dict[str, Any]) -> Settings:
    """Write the secrets and return settings of one school without a diary to send to."""
    readers = [account for account in journal["accounts"] if account["role"] != "parent"]
    secrets = {"devkey": journal["devkey"], "master": os.urandom(32).hex()}
    for name, secret in {**secrets, **{account["name"]: account["password"] for account in readers}}.items():
        (folder / name).write_text(secret)
    source = {
        "type": "eljur",
        "base_url": f"{journal['base_url']}/apiv3",
        "vendor": journal["vendor"],
        "devkey": "file:devkey",
        "accounts": [{"name": a["name"], "login": a["login"], "password": f"file:{a['name']}"} for a in readers],
        "request_pause_ms": 0,
    }
    school = {"name": "bench", "title": "bench", "timezone": "Europe/Moscow", "source": source}
    document = {
        "store": {"path": "ejsync.db"},
        "keys": {"master": "file:master"},
        "schools": [{**school, "sinks": [{"type": "dryrun"}]}],
    }
    return Settings.model_validate(document, context={"folder": folder})


def at(moment: timedelta) -> SystemClock:
    """Return a clock that shows so much after the beginning of the journal's day."""
    return SystemClock(datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) + moment - datetime.now(UTC))


def asked(control: str) -> int:
    """Return how many requests the journal has answered."""
    with urllib.request.urlopen(f"{control}/requests") as answer:
        return int(json.load(answer)["total"])


def cycle(exchange: Exchange, control: str, sweep: Sweep) -> int:
    """Read every feed once and return the requests that took."""
    before, wiring = asked(control), exchange.schools["bench"]
    for feed in exchange.asked_feeds():
        report = sync_feed(wiring, feed, exchange.demands(wiring, feed, sweep))
        if report.errors:
            raise SystemExit(str(report.errors[0]))
    return asked(control) - before


def count(pupils: int) -> Counted:
    """Run one school through its first load, a usual cycle, the period and the night."""
    with tempfile.TemporaryDirectory() as name, journal_of(pupils) as journal:
        configured, control = settings(Path(name), journal), journal["control"]
        with opened(configured, working=True, outside=Outside(clock=at(NOON))) as exchange:
            first = cycle(exchange, control, Sweep.ALL)
            usually = cycle(exchange, control, Sweep.NOW)
            foreseen = usual(exchange, exchange.schools["bench"], exchange.asked_feeds())
        with opened(configured, working=True, outside=Outside(clock=at(NEXT_NOON))) as exchange:
            cycle(exchange, control, Sweep.NOW)
            period = cycle(exchange, control, Sweep.LATER)
        with opened(configured, working=True, outside=Outside(clock=at(NIGHT))) as exchange:
            cycle(exchange, control, Sweep.NOW)
            night = cycle(exchange, control, Sweep.LATER)
            with exchange.store.read("bench") as tx:
                classes = len(tx.records.roster().classes)
    return Counted(pupils, classes, first, usually, period, night, sum(one.a_day for one in foreseen))


def table(schools: list[Counted]) -> Iterator[str]:
    """Yield the result, line by line."""
    heads = ("pupils", "classes", "first load", "a cycle", "+ period", "+ night", "a day", "plain cycle", "plain/ours")
    yield "".join(f"{head:>12}" for head in heads)
    for one in schools:
        figures = (one.pupils, one.classes, one.first, one.cycle, one.period, one.night, one.a_day, one.plain)
        yield "".join(f"{figure:>12}" for figure in figures) + f"{one.plain / one.cycle:>12.1f}"
    small, large = schools[0], schools[-1]
    if small is not large:
        yield (
            f"from {small.pupils} to {large.pupils} pupils (x{large.pupils / small.pupils:.1f}): a cycle grows "
            f"x{large.cycle / small.cycle:.1f}, with the classes (x{large.classes / small.classes:.1f})"
        )


def main() -> None:
    """Count every school and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pupils", type=int, nargs="+", default=[100, 600, 1500], help="school sizes")
    schools = [count(pupils) for pupils in parser.parse_args().pupils]
    print("\n".join(table(schools)))


if __name__ == "__main__":
    main()
