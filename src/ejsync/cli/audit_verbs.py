"""`audit`: the hash-chained log: read it, follow a batch, a record or a pupil through it (proofs: `audit_proofs`)."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.glossary import pupil_id
from ejsync.cli.speaking import Verbs, argument, as_json, of_school, option
from ejsync.domain.audit import intact
from ejsync.errors import NotFound
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.audit import AuditEvent
    from ejsync.pipeline.ports import Wiring

LEAST_ID = 4
_LONGEST_LIST = 3

group = Verbs(
    "audit",
    help=N_("Read, verify and hand out the log of everything that was done."),
    examples=("ejsync audit tail", "ejsync audit verify", "ejsync audit show --pupil 1234"),
)


@group.command(
    "tail",
    help=N_("Show the last entries."),
    examples=("ejsync audit tail", "ejsync audit tail -n 100 --json"),
)
@option("-n", "count", type=click.IntRange(1, 100_000), default=20, show_default=True, help=N_("How many entries."))
@of_school
@as_json
@pass_desk
def tail(desk: Desk, *, count: int, school: str | None, as_json: bool) -> None:
    """Print the end of each chain."""
    with desk.exchange() as exchange:
        events = [event for wiring in exchange.school(school) for event in _tail(exchange, wiring, count)]
    _print(events, as_json=as_json)


def _tail(exchange: "Exchange", wiring: "Wiring", count: int) -> "list[AuditEvent]":
    with exchange.store.read(wiring.school) as tx:
        return [intact(event) for event in tx.audit.tail(count)]


def _print(events: "list[AuditEvent]", *, as_json: bool) -> None:
    if as_json:
        showing.document({"events": [event.document() for event in events]})
        return
    heads = (N_("No."), N_("When (UTC)"), N_("School"), N_("Event"), N_("Details"))
    rows = [[event.seq, event.at[:19], event.school, event.event, _brief(event.details)] for event in events]
    showing.table([say(head) for head in heads], rows)


def _brief(details: Any) -> str:
    """Write an entry's details in one line; long lists by their length."""
    return ", ".join(f"{name}={_value(value)}" for name, value in details.items() if value not in (None, {}, [], ""))


def _value(value: Any) -> str:
    if isinstance(value, list) and len(value) > _LONGEST_LIST:
        return f"[{len(value)}]"
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}:{count}" for name, count in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


@group.command(
    "show",
    help=N_(
        "Show entries in full: one by its number, or all of a batch. With --record: all that a record went through."
        " With --pupil: what has left of a pupil or was put on paper, when, to whom, on what ground, and what came of"
        " it."
    ),
    examples=(
        "ejsync audit show 12",
        "ejsync audit show 757925a8",
        "ejsync audit show --record mark:1001/77/2026-11-16/0",
        "ejsync audit show --pupil 1234 --json",
    ),
)
@argument("which", metavar=N_("[NUMBER|BATCH]"), required=False)
@option("--record", metavar=N_("KIND:KEY"), help=N_("Kind and key of a record; the log knows a pseudonym only."))
@option("--pupil", metavar=N_("ID"), help=N_("ElJur id of a pupil; the log knows a pseudonym only."))
@option("--full", is_flag=True, help=N_("With --pupil: the entries themselves, without other pupils' lines."))
@of_school
@as_json
@pass_desk
def show(desk: Desk, /, *, which: str | None, school: str | None, as_json: bool, **how: Any) -> None:
    """Search the chains."""
    if sum(asked is not None for asked in (which, how["record"], how["pupil"])) != 1:
        raise click.UsageError(
            say(N_("Say the number of an entry, the id of a batch, --record KIND:KEY, or --pupil ID."))
        )
    if how["pupil"] is not None:
        _show_pupil(desk, pupil_id(how["pupil"]), school, as_json=as_json, full=how["full"])
        return
    events = _of_record(desk, how["record"], school) if which is None else _sought(desk, which, school)
    if as_json:
        showing.document({"events": events})
        return
    _print_in_full(events)


def _sought(desk: Desk, which: str, school: str | None) -> list[dict[str, Any]]:
    if not which.isdigit() and len(which) < LEAST_ID:
        raise click.UsageError(say(N_("Say at least {count} characters of a batch's id."), count=LEAST_ID))
    with desk.exchange() as exchange:
        wirings = exchange.school(school)
        events = [event.document() for wiring in wirings for event in _matching(exchange, wiring, which)]
    return _found(events, which)


def _of_record(desk: Desk, named: str, school: str | None) -> list[dict[str, Any]]:
    from ejsync.cli import audit_record

    with desk.exchange() as exchange:
        events = list(audit_record.followed(exchange, exchange.school(school), audit_record.identity(named)))
    return _found(events, named)


def _found(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    if not events:
        raise NotFound(what=say(N_("audit entry")), name=name, listing="ejsync audit tail")
    return events


def _show_pupil(desk: Desk, pupil: str, school: str | None, *, as_json: bool, full: bool) -> None:
    from ejsync.cli import audit_pupil

    with desk.exchange() as exchange:
        found = audit_pupil.stories(exchange, exchange.school(school), pupil)
    events = [event for story in found for event in story.events]
    if as_json:
        showing.document({"schools": [story.document() for story in found], "events": events})
    elif full:
        _print_in_full(events)
    else:
        for story in found:
            audit_pupil.show(story)


def _print_in_full(events: list[dict[str, Any]]) -> None:
    for event in events:
        showing.heading("{school} {seq}  {at}  {event}".format_map(event))
        for text in _in_full(event["details"]):
            showing.line(text)


def _in_full(details: Mapping[str, Any]) -> Iterator[str]:
    """Write details line by line."""
    for name, value in details.items():
        if isinstance(value, list) and value and isinstance(value[0], list):
            yield f"  {name}: {len(value)}"
            yield from (f"    {json.dumps(row, ensure_ascii=False)}" for row in value)
        else:
            yield f"  {name}: {_value(value)}"


def _matching(exchange: "Exchange", wiring: "Wiring", wanted: str) -> "Iterator[AuditEvent]":
    """Yield the entries that are meant: by number where it is one and exists, else by what their details say."""
    with exchange.store.read(wiring.school) as tx:
        if wanted.isdigit() and 0 < int(wanted) <= tx.audit.head()[0]:
            yield from map(intact, islice(tx.audit.walk(int(wanted) - 1), 1))
            return
        yield from (intact(event) for event in tx.audit.walk() if f'"{wanted}' in json.dumps(event.details))
