"""`privacy erase`: the plan, the way through the steps beside or without a working instance, and what came of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.desk import Desk
from ejsync.cli.glossary import day, word
from ejsync.cli.next_step import commanded
from ejsync.cli.showing import GOOD, WARNING
from ejsync.errors import Exit, InstanceRunning
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.erasure import Erasure, Order
    from ejsync.pipeline.ordering import Extent
    from ejsync.pipeline.ports import Wiring

PATIENCE_S = 60
"""How long is waited for the working instance to send the retractions; it goes on by itself after that."""
_LOOK_S = 1.0
_ABSENT = N_("“{sink}” holds records of his and is not in the settings: put it back, or add --without {sink}")
_TABLES = {
    "record": N_("records and their versions"),
    "outbox": N_("changes that wait"),
    "delivered": N_("what diaries hold"),
    "owed": N_("results that are owed"),
    "batch_item": N_("lines of batches"),
    "quarantine": N_("quarantined records"),
    "office_row": N_("rows of the office"),
    "permission": N_("permissions"),
    "consent": N_("decisions of the family"),
    "reading": N_("reads"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed."""

    pupil: str
    reason: str
    document: str = ""
    by: str = ""
    without: tuple[str, ...] = ()
    dry_run: bool = False
    as_json: bool = False


def order_of(wanted: Wanted) -> "Order":
    """Return the order as the store keeps it."""
    from ejsync.domain.erasure import Order

    return Order(wanted.pupil, wanted.reason, wanted.document, wanted.by)


def show_plan(wiring: "Wiring", found: "Extent", *, as_json: bool) -> None:
    """Print what is held and would be destroyed."""
    if as_json:
        kinds = {one.kind.value: one.count for one in found.kinds}
        showing.document({"ok": True, "dry_run": True, "kinds": kinds, "rows": found.rows, "diaries": [*found.diaries]})
        return
    rows = [[word(one.kind.value), one.count, _days(one), showing.local(one.since, wiring.zone)] for one in found.kinds]
    showing.table([say(N_("Kind")), say(N_("Count")), say(N_("School days")), say(N_("Since"))], rows)
    showing.line()
    stock = [[say(_TABLES[name]), count] for name, count in found.rows.items()]
    showing.table([say(N_("In the store")), say(N_("Count"))], stock)
    showing.line()
    showing.line(say(N_("These diaries will be told to erase: {names}"), names=", ".join(found.diaries)))
    for sink in sorted({*found.diaries} - {*wiring.sinks}):
        showing.line(say(_ABSENT, sink=sink), WARNING)


def _days(one: Any) -> str:
    return "-" if one.first is None else f"{day(one.first)}-{day(one.last)}"


def carry_on(desk: Desk, school: str, number: int) -> "tuple[Erasure, Path]":
    """Go on with an erasure as far as it goes: as the working instance, or beside the one that is at work.

    Returns:
        How far it came, and the folder of the acts.

    Raises:
        EjsyncError: settings, secrets, store or paper cannot be used; the same command goes on.
    """
    from ejsync.store.old_files import acts_of

    try:
        with desk.exchange(working=True) as exchange:
            _deliver(exchange, school)
            return _advanced(exchange, school, number), acts_of(exchange.store.path)
    except InstanceRunning:
        with desk.exchange() as exchange:
            return _beside(exchange, school, number), acts_of(exchange.store.path)


def _deliver(exchange: "Exchange", school: str) -> None:
    from ejsync.pipeline.deliver import deliver
    from ejsync.pipeline.hasten import impatient

    wiring = exchange.schools[school]
    for sink in wiring.sinks:
        with wiring.store.begin(school) as tx:
            impatient(wiring, tx, sink)
        deliver(wiring, sink)


def _advanced(exchange: "Exchange", school: str, number: int) -> "Erasure":
    from ejsync.pipeline.erase import advance
    from ejsync.reports.acting import Paperwork

    return advance(exchange.schools[school], number, Paperwork(exchange))


def _beside(exchange: "Exchange", school: str, number: int) -> "Erasure":
    """Take what steps can be taken, and look again while the working instance sends the retractions."""
    from ejsync.domain.erasure import Step

    until = exchange.clock.monotonic() + PATIENCE_S
    while (done := _advanced(exchange, school, number)).step is Step.BEGUN and exchange.clock.monotonic() < until:
        exchange.clock.sleep(_LOOK_S)
    return done


def show_earlier(wiring: "Wiring", earlier: "Erasure", acts: Path, *, as_json: bool) -> Exit:
    """Print that nothing is left to be done: which erasure it was, when, what came of it, and its act."""
    if not as_json:
        at = showing.local(earlier.step_at, wiring.zone)
        showing.line(
            say(N_("Nothing is left to do: erasure No. {number} was done on {at}."), number=earlier.number, at=at)
        )
    return show_outcome(wiring, earlier, acts, as_json=as_json)


def show_outcome(wiring: "Wiring", done: "Erasure", acts: Path, *, as_json: bool) -> Exit:
    """Print what came of it; what is left goes on by itself."""
    from ejsync.domain.erasure import Step

    finished = done.step is Step.DONE
    written = [acts / name for name in done.found.get("act", {})]
    if as_json:
        told = {
            "erasure": done.number,
            "step": done.step.value,
            "at": done.step_at,
            "diaries": dict(done.told),
            "acts": written,
        }
        showing.document({"ok": finished, **told, "unreachable": _unreachable(done)})
        return Exit.WELL if finished else Exit.TEMPORARY
    diaries = sorted({*wiring.sinks, *done.diaries})
    showing.table([say(N_("Sink")), say(N_("Answer"))], [[sink, _answer(done, sink)] for sink in diaries])
    for sink in diaries:
        if sink not in wiring.sinks and not done.answered(sink):
            showing.line(say(_ABSENT, sink=sink), WARNING)
    for name in _unreachable(done):
        showing.line(say(N_("This copy could not be reached; destroy it by hand: {name}"), name=name), WARNING)
    for path in written:
        showing.line(say(N_("Written: {path}"), path=path))
    if finished:
        showing.line(say(N_("Erased. Sign the act and keep it for three years.")), GOOD)
        return Exit.WELL
    showing.line(say(N_("Begun: nothing of this pupil can be read or sent any more. The rest waits for the diaries.")))
    showing.line(commanded(say(N_("The running ejsync goes on by itself; without one, give the same command again."))))
    return Exit.TEMPORARY


def _unreachable(done: "Erasure") -> list[str]:
    return [*done.found.get("swept", {}).get("unreachable", ())]


def _answer(done: "Erasure", sink: str) -> showing.Cell:
    told = done.told.get(sink, {})
    if told.get("answer") == "confirmed":
        return say(N_("confirmed the erasure")), GOOD
    if done.is_left_out(sink):
        return say(N_("left out: tell it by other means; it may hold records of his")), WARNING
    if "answer" in told:
        return say(N_("cannot be told to erase; it got retractions of everything")), WARNING
    if "error" in told:
        return say(N_("failed: {code}"), code=told["error"]), WARNING
    return say(N_("still takes retractions")), WARNING
