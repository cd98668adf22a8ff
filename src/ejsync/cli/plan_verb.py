"""`plan`: how many requests a cycle takes now, and how many a usual day, and why."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.glossary import day
from ejsync.cli.next_step import commanded
from ejsync.cli.requests import Batch, Usual, as_document, due_now, usual
from ejsync.cli.speaking import Verb, as_json, of_school
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring

_WHY = {
    "missed": N_("missed before"),
    "hot": N_("every cycle"),
    "ordered": N_("ordered by hand"),
    "warm": N_("the study period"),
    "cold": N_("the school year"),
}


@dataclass(slots=True)
class _Counted:
    """What was counted of one school.

    Attributes:
        pause: between the starts of two requests.
        somebody: a pupil is known: before the first read of the roster nothing else can be counted.
    """

    school: str
    pause: timedelta
    accounts: int
    somebody: bool
    now: list[Batch] = field(default_factory=list)
    usual: list[Usual] = field(default_factory=list)


@click.command(
    "plan",
    cls=Verb,
    help=N_(
        "Tell how many requests the next cycle makes of the journal, and why, and how many a usual day takes. Asks the"
        " journal for nothing but the rights of its accounts."
    ),
    examples=("ejsync plan", "ejsync plan --school lyceum --json"),
)
@of_school
@as_json
@pass_desk
def plan(desk: Desk, *, school: str | None, as_json: bool) -> None:
    """Count the requests of every feed that is switched on."""
    with desk.exchange() as exchange:
        counted = [_count(exchange, wiring) for wiring in exchange.school(school)]
    if as_json:
        showing.document({"schools": [_told(one) for one in counted]})
        return
    for one in counted:
        _show(one)


def _count(exchange: "Exchange", wiring: "Wiring") -> _Counted:
    source = next(one.source for one in exchange.settings.schools if one.name == wiring.school)
    pause = timedelta(milliseconds=getattr(source, "request_pause_ms", 0))
    accounts, feeds = len(getattr(source, "accounts", ())), exchange.asked_feeds()
    with exchange.store.read(wiring.school) as tx:
        somebody = bool(tx.records.roster().classes)
    now, often = due_now(exchange, wiring, feeds), usual(exchange, wiring, feeds)
    return _Counted(wiring.school, pause, accounts, somebody, now, often)


def _told(one: _Counted) -> dict[str, Any]:
    return {
        "school": one.school,
        "pause_s": one.pause.total_seconds(),
        "due_now": [as_document(item) for item in one.now],
        "requests_now": sum(item.requests for item in one.now),
        "usual": [as_document(item) for item in one.usual],
        "requests_a_day": sum(item.a_day for item in one.usual),
        "rights_an_hour": one.accounts,
    }


def _show(one: _Counted) -> None:
    showing.heading(say(N_("School {school}"), school=one.school))
    _show_now(one)
    if one.somebody:
        _show_usual(one)
        return
    showing.line(say(N_("Nobody is known yet: the first read of the roster tells who there is to ask for.")))
    showing.line(f"→ {commanded('ejsync sync --feed roster')}")


def _show_now(one: _Counted) -> None:
    total = sum(item.requests for item in one.now)
    heads = (N_("Feed"), N_("Requests"), N_("Classes"), N_("Pupils"), N_("Days"), N_("Why"))
    if total:
        showing.table([say(head) for head in heads], [_now_cells(item) for item in one.now])
        showing.line()
    sentence = say_count("A cycle now makes {count} request", "A cycle now makes {count} requests", total)
    showing.line(f"{sentence}{_lasting(total, one.pause)}.")
    showing.line()


def _now_cells(item: Batch) -> list[showing.Cell]:
    days = f"{item.first:%d.%m}–{day(item.last)}" if item.first and item.last else "-"
    return [item.feed.value, item.requests, item.classes or "-", item.pupils or "-", days, say(_WHY[item.heat])]


def _show_usual(one: _Counted) -> None:
    showing.line(say(N_("When nothing was missed:")))
    heads = (N_("Feed"), N_("Every, min"), N_("In a cycle"), N_("For the period"), N_("For the year"), N_("A day"))
    rows = [
        [item.feed.value, f"{item.every_minutes:g}", item.hot, item.warm, item.cold, item.a_day] for item in one.usual
    ]
    showing.table([say(head) for head in heads], rows)
    showing.line()
    total = sum(item.a_day for item in one.usual)
    sentence = say_count("A usual day takes {count} request", "A usual day takes {count} requests", total)
    rights = say_count("asking for rights: {count} an hour", "asking for rights: {count} an hour", one.accounts)
    showing.line(f"{sentence}{_lasting(total, one.pause)}; {rights}.")


def _lasting(requests: int, pause: timedelta) -> str:
    """Say how long requests take at least, where there is anything to say."""
    whole = (requests * pause).total_seconds()
    return f"; {say(N_('at least {time} at the pause that is set'), time=showing.age(whole))}" if whole else ""
