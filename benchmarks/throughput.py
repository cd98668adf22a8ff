"""Records per second, journal to diary over loopback: first load, nothing changed, one in a hundred marks changed.

One process, SQLite with `synchronous=FULL`, contracts, consents and audit on; both services are processes of their own.
Figures of one run on one machine: compare the ratios, not the seconds.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ejsync.bootstrap import Exchange, Outside, opened
from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.records import Feed
from ejsync.pipeline.deliver import deliver
from ejsync.pipeline.registering import register
from ejsync.pipeline.sync import sync_feed
from ejsync.runtime import SystemClock
from ejsync.settings import Settings

TODAY = date(2027, 5, 31)
PUPILS = 300
MARKS_AT_DENSITY_ONE = 91_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One pass: what it is called, records seen, records sent, seconds reading and sending."""

    name: str
    seen: int
    sent: int
    reading_s: float
    sending_s: float

    @property
    def seconds(self) -> float:
        """Seconds of the whole pass."""
        return self.reading_s + self.sending_s


@contextmanager
def served(*arguments: str) -> Iterator[dict[str, Any]]:
    """Run a sandbox server as a process and yield what it announces."""
    process = subprocess.Popen([sys.executable, "-m", "ejsync", "sandbox", *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def settings(folder: Path, journal: dict[str, Any], diary: dict[str, Any]) -> Settings:
    """Write the secrets and return settings for both servers."""
    secrets = {"devkey": journal["devkey"], "token": diary["token"], "master": os.urandom(32).hex()}
    readers = [account for account in journal["accounts"] if account["role"] != "parent"]
    secrets |= {account["name"]: account["password"] for account in readers}
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    accounts = [{"name": a["name"], "login": a["login"], "password": f"file:{a['name']}"} for a in readers]
    source = {
        "type": "eljur",
        "base_url": f"{journal['base_url']}/apiv3",
        "vendor": journal["vendor"],
        "devkey": "file:devkey",
        "accounts": accounts,
        "request_pause_ms": 0,
    }
    sink = {"type": "ed", "base_url": diary["base_url"], "token": "file:token"}
    school = {"name": "bench", "title": "bench", "timezone": "Europe/Moscow", "source": source, "sinks": [sink]}
    feeds = {feed: {"days_back": "school_year"} for feed in ("timetable", "diary", "homework", "marks")}
    document = {"store": {"path": "ejsync.db"}, "keys": {"master": "file:master"}, "schools": [school], "feeds": feeds}
    return Settings.model_validate(document, context={"folder": folder})


def one_pass(exchange: Exchange, name: str) -> Measured:
    """Read every feed that carries days or marks, then deliver; time both."""
    wiring = exchange.schools["bench"]
    started = time.perf_counter()
    for feed in exchange.asked_feeds():
        if feed is not Feed.ROSTER:
            _read(exchange, feed)
    with wiring.store.read("bench") as tx:
        seen = sum(tx.records.live_counts().values())
    read = time.perf_counter()
    report = deliver(wiring, "ed")
    if report.errors:
        raise SystemExit(str(report.errors[0]))
    return Measured(name, seen, sum(report.counts.values()), read - started, time.perf_counter() - read)


def _read(exchange: Exchange, feed: Feed) -> None:
    wiring = exchange.schools["bench"]
    report = sync_feed(wiring, feed, exchange.demands(wiring, feed))
    if report.errors:
        raise SystemExit(str(report.errors[0]))


def consents_for_all(exchange: Exchange) -> None:
    """Read the roster and grant everything: the benchmark is about volume."""
    wiring = exchange.schools["bench"]
    sync_feed(wiring, Feed.ROSTER, exchange.demands(wiring, Feed.ROSTER))
    with wiring.store.read("bench") as tx:
        pupils = [pupil for pupils in tx.records.roster().classes.values() for pupil in pupils]
    at = wiring.clock.now()
    granted = (Scope.RESULTS, Decision.GRANTED, "parent", "1", date(2026, 9, 1), None, None, at)
    register(wiring, [Consent(0, pupil, *granted) for pupil in pupils], origin="benchmark")


def change_one_in_a_hundred(control: str) -> int:
    """Correct every hundredth mark in the journal and return how many that were."""
    with urllib.request.urlopen(f"{control}/state") as answer:
        marks = [mark for mark in json.load(answer)["marks"] if mark["value"]][::100]
    keys = ("pupil", "lesson_id", "date", "nm")
    edits = [{"op": "mark_changed", **{key: mark[key] for key in keys}, "comment": "исправлено"} for mark in marks]
    body = json.dumps(edits).encode()
    urllib.request.urlopen(urllib.request.Request(f"{control}/edit", body, {"content-type": "application/json"}))
    return len(edits)


def table(passes: list[Measured]) -> Iterator[str]:
    """Yield the result, line by line."""
    first = passes[0]
    yield f"{'pass':<18}{'seen':>9}{'sent':>9}{'read, s':>9}{'send, s':>9}{'seen/s':>9}{'µs/record':>11}{'× first':>9}"
    for one in passes:
        rate, cost = one.seen / one.seconds, 1e6 * one.seconds / one.seen
        yield (
            f"{one.name:<18}{one.seen:>9}{one.sent:>9}{one.reading_s:>9.1f}{one.sending_s:>9.1f}"
            f"{rate:>9.0f}{cost:>11.0f}{one.seconds / first.seconds:>9.2f}"
        )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"peak memory of the ejsync process: {peak_mb:.0f} MB"


def main() -> None:
    """Run the three passes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--marks", type=int, default=100_000, help="about so many marks and absences in the journal")
    density = parser.parse_args().marks / MARKS_AT_DENSITY_ONE
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal_is = ("journal", "--pupils", str(PUPILS), "--today", TODAY.isoformat(), "--density", f"{density:.3f}")
        diary_is = ("diary", "--database", str(folder / "diary.db"))
        with served(*journal_is) as journal, served(*diary_is) as diary:
            clock = SystemClock(datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC) - datetime.now(UTC))
            with opened(settings(folder, journal, diary), working=True, outside=Outside(clock=clock)) as exchange:
                consents_for_all(exchange)
                passes = [one_pass(exchange, "first load"), one_pass(exchange, "nothing changed")]
                # In a process of its own: the journal's whole content must not count as our memory.
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                    apart.submit(change_one_in_a_hundred, journal["control"]).result()
                passes.append(one_pass(exchange, "1 % changed"))
    print("\n".join(table(passes)))


if __name__ == "__main__":
    main()
