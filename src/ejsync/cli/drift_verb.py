"""`source drift`: keys and types that the journal's answers held and ejsync does not know; never a value."""

from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.glossary import day
from ejsync.cli.next_step import commanded
from ejsync.cli.speaking import Verb, as_json, of_school
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.standing import Drifted
    from ejsync.pipeline.ports import Wiring

_TYPES = {
    "string": N_("text"),
    "number": N_("a number"),
    "boolean": N_("yes or no"),
    "array": N_("a list"),
    "object": N_("an object"),
    "null": N_("nothing"),
}


@click.command(
    "drift",
    cls=Verb,
    help=N_(
        "List what the journal's answers hold that ejsync does not know: new keys and new types, how often and since"
        " when. Values, names and ids are never kept: where one stood in the path there is a *."
    ),
    examples=("ejsync source drift", "ejsync source drift --school lyceum --json"),
)
@of_school
@as_json
@pass_desk
def drift(desk: Desk, *, school: str | None, as_json: bool) -> None:
    """Print every finding with its count and its first and last day."""
    with desk.exchange() as exchange:
        found = [(wiring, rows) for wiring in exchange.school(school) if (rows := _rows(exchange, wiring))]
    if as_json:
        showing.document({"drift": [_told(wiring, row) for wiring, rows in found for row in rows]})
    elif found:
        _show(found)
    else:
        showing.line(say(N_("Nothing so far: no answer held a key or a type that ejsync does not know.")))


def _rows(exchange: "Exchange", wiring: "Wiring") -> "list[Drifted]":
    with exchange.store.read(wiring.school) as tx:
        return tx.drift.all()


def _told(wiring: "Wiring", row: "Drifted") -> dict[str, Any]:
    return {
        "school": wiring.school,
        "method": row.method,
        "place": row.place,
        "found": row.found,
        "count": row.count,
        "first_seen_at": row.first_seen_at,
        "last_seen_at": row.last_seen_at,
    }


def _show(found: "list[tuple[Wiring, list[Drifted]]]") -> None:
    heads = (N_("Place"), N_("What"), N_("Count"), N_("First seen"), N_("Last seen"))
    for wiring, rows in found:
        showing.heading(say(N_("School {school}"), school=wiring.school))
        showing.table([say(head) for head in heads], [_line(wiring, row) for row in rows], folding=0)
    showing.line()
    showing.line(
        say(N_("Nothing is lost: what is known is read as before, and what breaks a contract waits in quarantine."))
    )
    showing.line(say(N_("Send this list to those who maintain ejsync; it holds no values and no names:")))
    showing.line(f"→ {commanded('ejsync source drift --json')}")


def _line(wiring: "Wiring", row: "Drifted") -> list[showing.Cell]:
    first, last = (day(moment.astimezone(wiring.zone).date()) for moment in (row.first_seen_at, row.last_seen_at))
    return [f"{row.method}: {row.place}", what(row.found), row.count, first, last]


def what(found: str) -> str:
    """Say what was found, a new key or a new type, and what it holds; what is neither stays as it is."""
    if found.startswith("key:"):
        return say(N_("new key: {kind}"), kind=_kind(found.removeprefix("key:")))
    _, arrow, came = found.partition("→")
    return say(N_("new type: {kind}"), kind=_kind(came)) if arrow else found


def _kind(name: str) -> str:
    return say(_TYPES[name])
