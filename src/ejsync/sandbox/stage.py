"""The stage of the demo: both sandbox servers, settings with secrets in files, an exchange on its own clock."""

from __future__ import annotations

import secrets
import signal
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.bootstrap import Exchange, Outside, opened
from ejsync.credentials import SecretRef
from ejsync.pipeline.cycle import read_feed
from ejsync.pipeline.deliver import deliver
from ejsync.runtime import SystemClock
from ejsync.sandbox.comparison import allowed, everything, held_records
from ejsync.sandbox.expectation import Covered, Name, Span
from ejsync.sandbox.processes import Server, diary_process, journal_process
from ejsync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ejsync.domain.records import Feed
    from ejsync.domain.standing import BatchRow
    from ejsync.errors import EjsyncError
    from ejsync.pipeline.ports import Wiring
    from ejsync.sandbox.expectation import Records

SCHOOL, SINK, ZONE = "demo", "ed", "Europe/Moscow"
TODAY = "2026-11-20"
# Ten in the morning in Moscow, so that no retry of the story reaches midnight.
_MORNING = datetime(2026, 11, 20, 7, tzinfo=UTC)
_HOUR_S = 3600


Carried: TypeAlias = tuple[str, str, str]
"""What reached the ED: `upsert` or `retract`, kind, key."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story.

    Attributes:
        name: stable, for programs.
        sentence: for people, in their language.
        facts: what the step found: counts, ids and codes, nothing personal.
    """

    name: str
    ok: bool
    sentence: str
    facts: dict[str, object]


class StageClock(SystemClock):
    """The machine's clock moved into term time; waiting is played, not sat through."""

    def __init__(self) -> None:
        shift_h = round((_MORNING - datetime.now(UTC)).total_seconds() / _HOUR_S)
        super().__init__(timedelta(hours=shift_h))
        self._played_s = 0.0

    def now(self) -> datetime:
        """Return the aware UTC instant of the story."""
        return super().now() + timedelta(seconds=self._played_s)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return super().monotonic() + self._played_s

    def sleep(self, seconds: float) -> None:
        """Let the time pass in the story."""
        self._played_s += seconds

    def reach(self, moment: datetime) -> None:
        """Let the time pass up to a moment."""
        self._played_s += max(0.0, (moment - self.now()).total_seconds())


@dataclass(slots=True)
class Round:
    """What one round of reading and delivering did."""

    read: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    errors: list[EjsyncError] = field(default_factory=list)
    push_errors: list[EjsyncError] = field(default_factory=list)
    waits_until: datetime | None = None

    @property
    def records(self) -> int:
        """How many records the journal showed."""
        return sum(self.read[name] for name in ("created", "updated", "unchanged", "quarantined"))

    def error_codes(self) -> list[str]:
        """Return the codes of every error met."""
        return [error.code for error in (*self.errors, *self.push_errors)]


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at what the ED holds: versions and owners by kind and key, and its own counts."""

    versions: Mapping[Name, int]
    pupils: Mapping[Name, str | None]
    counts: Mapping[str, int]

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Sight:
        """Read a dump of the ED."""
        records = [((record["kind"], record["key"]), record) for record in state["records"]]
        return cls(
            {name: record["version"] for name, record in records},
            {name: record["data"].get("pupil") for name, record in records},
            {name: count for name, count in state.items() if name != "records"},
        )

    def changed_since(self, before: Sight) -> set[Carried]:
        """Return what has reached the ED between two looks."""
        upserts = {("upsert", *name) for name, version in self.versions.items() if before.versions.get(name) != version}
        return upserts | {("retract", *name) for name in before.versions.keys() - self.versions.keys()}

    def of_pupil(self, pupil: str) -> set[Name]:
        """Return what the ED holds of a pupil."""
        return {name for name, whose in self.pupils.items() if whose == pupil}

    def counted(self, name: str, before: Sight) -> int:
        """Return by how much one of the ED's counts has grown."""
        return self.counts[name] - before.counts[name]


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything the chapters of the story need."""

    exchange: Exchange
    clock: StageClock
    journal: Server
    diary: Server

    @property
    def wiring(self) -> Wiring:
        """The one school, wired."""
        return self.exchange.schools[SCHOOL]

    def read(self, feeds: Iterable[Feed] | None = None) -> Round:
        """Read feeds, by default all of them."""
        done = Round()
        for feed in feeds if feeds is not None else self.exchange.feeds():
            report = read_feed(self.wiring, feed, self.exchange.demands(self.wiring, feed))
            done.read.update(report.counts)
            done.errors += report.errors
        return done

    def deliver(self, done: Round | None = None) -> Round:
        """Deliver what is due, and add what came of it to a round."""
        done = done or Round()
        report = deliver(self.wiring, SINK)
        done.answers.update(report.counts)
        done.push_errors += report.errors
        done.waits_until = report.waits_until
        return done

    def cycle(self, *feeds: Feed) -> Round:
        """Read the feeds named, or all, and deliver."""
        return self.deliver(self.read(feeds or None))

    def edit(self, *edits: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Let the school edit its journal; returns the edits as the journal completed them."""
        done: list[dict[str, Any]] = self.journal.post("/_control/edit", list(edits))["done"]
        return done

    def batches(self) -> dict[str, BatchRow]:
        """Return every batch by its id."""
        with self.exchange.store.read(SCHOOL) as tx:
            return {row.batch: row for row in tx.batches.find(limit=100_000)}

    def quarantined(self) -> int:
        """Count what is quarantined."""
        with self.exchange.store.read(SCHOOL) as tx:
            return tx.quarantine.count()

    def dead_items(self) -> int:
        """Count dead letters."""
        with self.exchange.store.read(SCHOOL) as tx:
            return tx.batches.dead_items()

    def look(self) -> Sight:
        """Look at what the ED holds."""
        return Sight.of(self.diary.state())

    def due(self, office: Mapping[str, Any], permitted: Collection[str]) -> Records:
        """Return all that the ED must hold now, by code that shares nothing with the flow.

        Args:
            office: the rows that the school's office has handed in.
            permitted: the subjects of the consents given, as `comparison.compare` takes them.
        """
        journal = {**self.journal.state(), "office": office}
        whole = everything(journal, held_records(self.diary.state()), covered(self.exchange.settings))
        return allowed(whole, permitted)

    def requests(self) -> int:
        """Count the requests that the journal has answered."""
        return int(self.journal.get("/_control/requests")["total"])


@contextmanager
def set_stage(*, pupils: int, seed: int) -> Iterator[Stage]:
    """Put everything up, and take everything down whatever happens: processes, connections, files.

    Raises:
        NotStartedError: a sandbox server did not come up.
    """
    with ExitStack() as stack:
        stack.enter_context(_ended_politely())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ejsync-demo-")))
        journal = stack.enter_context(journal_process(pupils=pupils, seed=seed, today=TODAY, folder=folder))
        diary = stack.enter_context(diary_process(seed=seed, folder=folder))
        clock = StageClock()
        settings = demo_settings(journal.announced, diary.announced, folder=folder)
        exchange = stack.enter_context(opened(settings, working=True, outside=Outside(clock=clock)))
        yield Stage(exchange, clock, journal, diary)


@contextmanager
def _ended_politely() -> Iterator[None]:
    """Let SIGTERM take the stage down as Ctrl-C does; only a main thread can be told to."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def covered(settings: Settings) -> Covered:
    """Return the days that the first reads cover: the school year, and ahead what the settings say."""
    today = datetime.fromisoformat(TODAY).date()

    def span(ahead: int) -> Span:
        return Span(f"{today.year}-09-01", (today + timedelta(days=ahead)).isoformat())

    feeds = settings.feeds
    timetable, homework, marks, diary = (
        span(feed.days_ahead) for feed in (feeds.timetable, feeds.homework, feeds.marks, feeds.diary)
    )
    return Covered(timetable, homework, marks, diary, concluded=TODAY)


def demo_settings(journal: Mapping[str, Any], diary: Mapping[str, Any], *, folder: Path) -> Settings:
    """Return settings for the announced servers; every secret goes into a file of its own that only we can read."""
    source = {
        "type": "eljur",
        "base_url": f"{journal['base_url']}/apiv3",
        "vendor": journal["vendor"],
        "devkey": _secret(folder, "devkey", journal["devkey"]),
        "accounts": [_account(folder, one) for one in journal["accounts"] if one["role"] != "parent"],
        "request_pause_ms": 0,
        "parallel_reads": 4,
    }
    sink = {
        "type": "ed",
        "name": SINK,
        "base_url": diary["base_url"],
        "token_url": diary["token_url"],
        "client_id": diary["client_id"],
        "client_secret": _secret(folder, "client-secret", diary["client_secret"]),
    }
    school = {"name": SCHOOL, "title": "Демо", "timezone": ZONE, "source": source, "sinks": [sink], "contacts": True}
    master = _secret(folder, "master.key", secrets.token_hex(32))
    store = {"path": str(folder / "ejsync.db")}
    # The school edits old days too, and the story wants to see it at once.
    feeds = {feed: {"days_back": "school_year"} for feed in ("timetable", "diary", "homework", "marks")}
    return Settings.model_validate({"store": store, "keys": {"master": master}, "schools": [school], "feeds": feeds})


def _account(folder: Path, announced: Mapping[str, Any]) -> dict[str, object]:
    name = announced["name"]
    return {"name": name, "login": announced["login"], "password": _secret(folder, name, announced["password"])}


def _secret(folder: Path, name: str, value: str) -> SecretRef:
    path = folder / f"{name}.secret"
    path.touch(mode=0o600)
    path.write_text(value, encoding="utf-8")
    return SecretRef("file", str(path))
