"""`sync`: one cycle now: read every feed, deliver what changed, say what came of it."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.bars import Bars
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.failing import explain_all, told
from ejsync.cli.next_step import commanded
from ejsync.cli.outcome import feed_verdict, most_serious, sink_verdict
from ejsync.cli.speaking import Verb, as_json, of_school, option
from ejsync.cli.sync_tables import show_cycle
from ejsync.errors import EjsyncError, Exit, InstanceRunning
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ejsync.bootstrap import Exchange
    from ejsync.domain.records import Feed
    from ejsync.domain.windows import Days
    from ejsync.pipeline.deliver import DeliveryReport
    from ejsync.pipeline.ports import Wiring
    from ejsync.pipeline.sync import FeedReport, Progress

FEEDS = ("roster", "periods", "timetable", "substitutions", "diary", "homework", "marks", "finals", "derived")
_DAY = click.DateTime(["%Y-%m-%d", "%d.%m.%Y"])
_COUNTS = ("created", "updated", "retracted", "unchanged", "unchanged_pages", "withheld", "quarantined", "held")


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of one `sync`."""

    feed: tuple[str, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    school: str | None = None
    dry_run: bool = False
    as_json: bool = False

    @property
    def by_days(self) -> bool:
        """Tell whether days were named."""
        return self.first is not None or self.last is not None

    def check(self) -> None:
        """Refuse days that end before they begin.

        Raises:
            click.UsageError: the first day is after the last.
        """
        if self.first and self.last and self.first > self.last:
            first, last = self.first.date(), self.last.date()
            raise click.UsageError(say(N_("--from {first} is after --to {last}"), first=first, last=last))

    def days(self, today: date) -> "Days":
        """Return the days named: from 1 September or up to today where one end is not named."""
        from ejsync.domain.windows import Days, school_year_start

        last = self.last.date() if self.last else max(today, self.first.date() if self.first else today)
        return Days(self.first.date() if self.first else school_year_start(last), last)


@dataclass(slots=True)
class Cycle:
    """What one cycle has done so far: documents to show, errors to explain, verdicts to weigh."""

    schools: list[dict[str, Any]] = field(default_factory=list)
    errors: list[EjsyncError] = field(default_factory=list)
    verdicts: list[Exit] = field(default_factory=list)


@click.command(
    "sync",
    cls=Verb,
    help=N_(
        "Run one cycle now: read what is due of every feed, then deliver. With --from or --to read those days instead:"
        " an interrupted run goes on where it stopped, and what every cycle reads is not kept waiting. With --dry-run"
        " everything happens on a copy of the store: nothing is kept and nothing is sent."
    ),
    examples=(
        "ejsync sync",
        "ejsync sync --dry-run",
        "ejsync sync --feed marks --from 2026-09-01 --to 2026-09-30",
    ),
)
@option("--feed", multiple=True, type=click.Choice(FEEDS), help=N_("Only this feed; may be repeated."))
@option("--from", "first", metavar=N_("DAY"), type=_DAY, help=N_("First school day to read: YYYY-MM-DD."))
@option("--to", "last", metavar=N_("DAY"), type=_DAY, help=N_("Last school day to read: YYYY-MM-DD."))
@option("--dry-run", is_flag=True, help=N_("Say what would be sent; keep and send nothing."))
@of_school
@as_json
@pass_desk
def sync(desk: Desk, /, **options: Any) -> int:
    """Run the cycle and return the most serious of its verdicts."""
    asked, cycle = Asked(**options), Cycle()
    asked.check()
    try:
        with _opened(desk, asked) as exchange, Bars() as bars:
            for wiring in exchange.school(asked.school):
                _carry(exchange, wiring, asked, (cycle, bars))
    except InstanceRunning:
        if not asked.by_days or asked.dry_run:
            raise
        return _leave_to_running(desk, asked)
    return _conclude(asked, cycle)


def _leave_to_running(desk: Desk, asked: Asked) -> Exit:
    """Order the days; the instance that runs beside us reads them between what every cycle reads."""
    from ejsync.cli.backfill import order_days

    with desk.exchange() as exchange:
        for wiring in exchange.school(asked.school):
            days = asked.days(exchange.clock.now().astimezone(wiring.zone).date())
            order_days(exchange, wiring, _chosen(exchange, asked), days)
    if asked.as_json:
        showing.document({"ok": True, "exit_code": 0, "ordered": True, "schools": []})
    else:
        showing.line(say(N_("The instance that is running reads these days between its cycles.")))
        showing.line(f"→ {commanded('ejsync status')}")
    return Exit.WELL


@contextmanager
def _opened(desk: Desk, asked: Asked) -> "Iterator[Exchange]":
    if asked.dry_run:
        from ejsync.cli.rehearsal import rehearsed

        with rehearsed(desk.settings(reveal=True)) as exchange:
            yield exchange
    else:
        with desk.exchange(working=True) as exchange:
            yield exchange


def _carry(exchange: "Exchange", wiring: "Wiring", asked: Asked, watch: tuple[Cycle, Bars]) -> None:
    """Read every feed of a school, then serve its sinks."""
    from ejsync.cli.hand_delivery import decisions

    cycle, bars = watch
    feeds = _reads(exchange, wiring, asked, watch)
    found: dict[str, Any] = {"school": wiring.school, "timezone": wiring.zone.key, "feeds": feeds}
    found["decisions"] = decisions(wiring)
    if asked.dry_run:
        from ejsync.cli.rehearsal import would_send

        _join(wiring)
        found["would_send"] = would_send(wiring)
    else:
        found["sinks"] = [_deliver(wiring, sink, cycle, bars) for sink in wiring.sinks]
    cycle.schools.append(found)


def _join(wiring: "Wiring") -> None:
    """Let new sinks join, as the first delivery to each would."""
    from ejsync.pipeline.deliver import join

    with wiring.store.begin(wiring.school) as tx:
        for sink in wiring.sinks:
            join(wiring, tx, sink)


def _chosen(exchange: "Exchange", asked: Asked) -> "list[Feed]":
    from ejsync.domain.records import Feed

    if asked.feed:
        return [feed for feed in Feed if feed.value in asked.feed]
    # Substitutions of days gone by take a request for each class and day, and the timetable shows them too.
    if asked.by_days:
        return [feed for feed in exchange.asked_feeds() if feed is not Feed.SUBSTITUTIONS]
    return exchange.feeds()


def _reads(exchange: "Exchange", wiring: "Wiring", asked: Asked, watch: tuple[Cycle, Bars]) -> list[dict[str, Any]]:
    """Read what is due of every feed, or the days that were named."""
    from ejsync.cli.backfill import Backfill, order_days
    from ejsync.pipeline.cycle import read_feed

    cycle, bars = watch
    feeds = _chosen(exchange, asked)

    def listener(feed: "Feed") -> "Progress":
        return bars.windows(f"{wiring.school}: {feed.value}")

    if not asked.by_days:
        reports = (read_feed(wiring, one, exchange.demands(wiring, one), progress=listener(one)) for one in feeds)
        return [_taken(report, cycle) for report in reports]
    days = asked.days(exchange.clock.now().astimezone(wiring.zone).date())
    backfill = Backfill(exchange, wiring, lambda: _breathe(exchange, wiring, asked, watch))
    orders = order_days(exchange, wiring, feeds, days)
    return [
        {**_taken(backfill.carry(order, listener(order.feed)), cycle), "from": days.first, "to": days.last}
        for order in orders
    ]


def _breathe(exchange: "Exchange", wiring: "Wiring", asked: Asked, watch: tuple[Cycle, Bars]) -> None:
    """Read what every cycle reads, as far as it is due again, and deliver."""
    from ejsync.domain.reads import Sweep
    from ejsync.pipeline.cycle import read_feed

    cycle, bars = watch
    for feed in exchange.feeds():
        demands = exchange.demands(wiring, feed, Sweep.NOW, patience=exchange.patience(feed))
        _taken(read_feed(wiring, feed, demands), cycle)
    if not asked.dry_run:
        for sink in wiring.sinks:
            _deliver(wiring, sink, cycle, bars)


def _taken(report: "FeedReport", cycle: Cycle) -> dict[str, Any]:
    """Weigh a report and tell it as a document."""
    cycle.errors += report.errors
    cycle.verdicts.append(feed_verdict(report.counts["held"], report.counts["quarantined"], report.errors))
    return {
        "feed": report.feed.value,
        "windows": report.windows,
        "failed": len(report.errors),
        **{name: report.counts[name] for name in _COUNTS},
        "uncovered": report.uncovered,
        "lost": report.lost,
        "errors": [told(error) for error in report.errors],
    }


def _deliver(wiring: "Wiring", sink: str, cycle: Cycle, bars: Bars) -> dict[str, Any]:
    from ejsync.cli.hand_delivery import by_hand, last_error

    with wiring.store.read(wiring.school) as tx:
        waiting = tx.outbox.waiting().get(sink, 0)
    report = by_hand(wiring, sink, bars.items(f"{wiring.school} → {sink}", waiting))
    cycle.errors += report.errors
    waits = report.waits_until is not None
    cycle.verdicts.append(sink_verdict(report.counts["rejected"], report.errors, waits=waits))
    return {**_sink_told(report), "last_error": last_error(wiring, sink)}


def _sink_told(report: "DeliveryReport") -> dict[str, Any]:
    counts = report.counts
    return {
        "sink": report.sink,
        "batches": report.batches,
        "delivered": counts["applied"] + counts["unchanged"],
        "stale": counts["stale"],
        "dead": counts["rejected"],
        "failed": counts["failed"],
        "waits_until": report.waits_until,
        "errors": [told(error) for error in report.errors],
    }


def _conclude(asked: Asked, cycle: Cycle) -> Exit:
    verdict = most_serious(cycle.verdicts)
    if asked.as_json:
        whole = {"ok": verdict is Exit.WELL, "exit_code": int(verdict), "dry_run": asked.dry_run}
        showing.document({**whole, "schools": cycle.schools})
    else:
        for school in cycle.schools:
            show_cycle(school)
        explain_all(cycle.errors)
    return verdict
