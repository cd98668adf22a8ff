"""How many requests a cycle takes, and why: the same plan that a cycle makes, counted instead of carried out."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.quiet import QuietHours
    from ejsync.domain.reads import Demand
    from ejsync.domain.records import Feed
    from ejsync.domain.windows import Days, Plan, Roster, Window
    from ejsync.pipeline.ports import DueOf, Wiring

_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Batch:
    """Requests of one feed for one reason; the days span them all, None where there are no days."""

    feed: "Feed"
    heat: str
    requests: int
    methods: tuple[str, ...]
    classes: int
    pupils: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Usual:
    """What a feed takes when nothing was missed: requests of one hot, warm and cold read, and of a whole day."""

    feed: "Feed"
    every_minutes: float
    hot: int
    warm: int
    cold: int
    a_day: int


def due_now(exchange: "Exchange", wiring: "Wiring", feeds: "Iterable[Feed]") -> list[Batch]:
    """Count the requests that a cycle would make now, feed by feed, the most urgent first.

    Raises:
        EjsyncError: the journal cannot be asked for rights.
    """
    from ejsync.pipeline.sync import due_of

    found: list[Batch] = []
    for feed in feeds:
        with exchange.store.read(wiring.school) as tx:
            roster, history = tx.records.roster(), tx.readings.history(feed)
        plan = wiring.source.plan(feed, due_of(wiring, history, exchange.demands(wiring, feed)), roster)
        found += _by_heat(feed, plan)
    return found


def _by_heat(feed: "Feed", plan: "Plan") -> list[Batch]:
    heats: dict[str, list[Window]] = {}
    for window in plan.windows:
        heats.setdefault(window.heat.value, []).append(window)
    return [_batch(feed, heat, windows) for heat, windows in heats.items()]


def _batch(feed: "Feed", heat: str, windows: "list[Window]") -> Batch:
    days = [window.days for window in windows if window.days]
    return Batch(
        feed,
        heat,
        len(windows),
        tuple(sorted({window.method for window in windows})),
        len({name for window in windows for name in window.classes}),
        len({pupil for window in windows for pupil in window.pupils}),
        min((span.first for span in days), default=None),
        max((span.last for span in days), default=None),
    )


def usual(exchange: "Exchange", wiring: "Wiring", feeds: "Iterable[Feed]") -> list[Usual]:
    """Count what each feed takes when nothing was missed.

    Raises:
        EjsyncError: the journal cannot be asked for rights.
    """
    with exchange.store.read(wiring.school) as tx:
        roster = tx.records.roster()
    return [_usual(exchange, wiring, feed, roster) for feed in feeds]


def _usual(exchange: "Exchange", wiring: "Wiring", feed: "Feed", roster: "Roster") -> Usual:
    from ejsync.domain.windows import Heat

    demands = {demand.heat: demand for demand in exchange.demands(wiring, feed)}
    hot_days = demands[Heat.HOT].days
    counted = {
        heat: len(wiring.source.plan(feed, _only(demands.get(heat), hot_days, wiring), roster).windows)
        for heat in (Heat.HOT, Heat.WARM, Heat.COLD)
    }
    rule = exchange.settings.feeds.of(feed)
    awake_h = awake_hours(exchange.settings.feeds.quiet_hours)
    hot_reads = awake_h * 60 / rule.every_minutes
    warm_reads = awake_h / getattr(rule, "period_every_hours", _HOURS_A_DAY)
    a_day = counted[Heat.HOT] * hot_reads + counted[Heat.WARM] * warm_reads + counted[Heat.COLD]
    return Usual(feed, rule.every_minutes, counted[Heat.HOT], counted[Heat.WARM], counted[Heat.COLD], round(a_day))


def awake_hours(quiet: "QuietHours") -> float:
    """Return how many hours of a day are not quiet."""
    minutes = (time(hour, minute) for hour in range(_HOURS_A_DAY) for minute in range(60))
    return sum(not quiet.contains(datetime.combine(date.min, minute)) for minute in minutes) / 60


def _only(demand: "Demand | None", hot_days: "Days | None", wiring: "Wiring") -> "DueOf":
    """Return what is due of anybody for whom only this demand is not met: hot days are read often enough."""
    from ejsync.domain.reads import Read, due
    from ejsync.domain.windows import Heat

    if demand is None:
        return lambda _owner: ()
    fresh = () if demand.heat is Heat.HOT or hot_days is None else (Read(hot_days, wiring.clock.now()),)
    found = due(fresh, (demand,), wiring.zone)
    return lambda _owner: found


def as_document(item: Batch | Usual) -> Mapping[str, object]:
    """Return a count as JSON has it."""
    return asdict(item)
