"""`quarantine`: records that break their contract, where they break it, and letting them go once they are well."""

import sys
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.glossary import word
from ejsync.cli.speaking import Verbs, argument, as_json, confirmed, of_school, option
from ejsync.errors import NotFound
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.standing import QuarantineRow
    from ejsync.pipeline.ports import Wiring

group = Verbs(
    "quarantine",
    help=N_("Look at records that break their contract; release what is well."),
    examples=("ejsync quarantine list", "ejsync quarantine show 3", "ejsync quarantine release 3"),
)


@group.command(
    "list",
    help=N_("List quarantined records, oldest first."),
    examples=("ejsync quarantine list", "ejsync quarantine list --limit 100 --json"),
)
@option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help=N_("How many at most."))
@of_school
@as_json
@pass_desk
def show_list(desk: Desk, *, limit: int, school: str | None, as_json: bool) -> None:
    """Print what is quarantined: contracts and pointers, no content."""
    with desk.exchange() as exchange:
        found = [(wiring, row) for wiring in exchange.school(school) for row in _rows(wiring, limit)]
    if as_json:
        showing.document({"quarantined": [_told(wiring, row) for wiring, row in found]})
        return
    heads = (N_("No."), N_("Feed"), N_("Contract"), N_("First seen"), N_("Key"), N_("What is wrong"))
    showing.table([say(head) for head in heads], [_line(wiring, row) for wiring, row in found])
    if not found:
        showing.line(say(N_("None.")))


def _rows(wiring: "Wiring", limit: int) -> "list[QuarantineRow]":
    with wiring.store.read(wiring.school) as tx:
        return tx.quarantine.find(limit)


def _line(wiring: "Wiring", row: "QuarantineRow") -> list[showing.Cell]:
    seen = showing.local(row.first_seen_at, wiring.zone)
    return [row.number, word(row.feed), row.broken.contract, seen, row.broken.key, "\n".join(_places(row))]


def _places(row: "QuarantineRow") -> list[str]:
    from ejsync.cli.broken_places import listed, wrongs

    return listed(row.broken.pointers, wrongs(row.broken.contract, row.broken.payload))


def _told(wiring: "Wiring", row: "QuarantineRow") -> dict[str, Any]:
    from ejsync.cli.broken_places import wrongs

    return {
        "number": row.number,
        "school": wiring.school,
        "feed": row.feed,
        "kind": row.broken.kind.value,
        "key": row.broken.key,
        "contract": row.broken.contract,
        "pointers": list(row.broken.pointers),
        "wrong": wrongs(row.broken.contract, row.broken.payload),
        "first_seen_at": row.first_seen_at,
        "last_seen_at": row.last_seen_at,
    }


@group.command(
    "show",
    help=N_("Show one record: contract and places. With --payload its content too, which is personal."),
    examples=("ejsync quarantine show 3", "ejsync quarantine show 3 --payload --yes"),
)
@argument("number", type=int, metavar=N_("NUMBER"))
@option("--payload", is_flag=True, help=N_("Show the content too: personal data; on a terminal, or with --yes."))
@confirmed
@of_school
@as_json
@pass_desk
def show(desk: Desk, *, number: int, payload: bool, yes: bool, school: str | None, as_json: bool) -> None:
    """Print one record."""
    if payload and not yes and not sys.stdout.isatty():
        raise click.UsageError(say(N_("The content is personal: it is shown on a terminal, or with --yes.")))
    with desk.exchange() as exchange:
        wiring, row = _located(exchange, school, number)
    told = _told(wiring, row) | ({"payload": _content(row)} if payload else {})
    if as_json:
        showing.document(told)
        return
    _show_facts(wiring, row)
    if payload:
        showing.line()
        showing.document(told["payload"])


def _content(row: "QuarantineRow") -> Any:
    import json

    return json.loads(row.broken.payload)


def _show_facts(wiring: "Wiring", row: "QuarantineRow") -> None:
    facts = {
        N_("School"): wiring.school,
        N_("Contract"): row.broken.contract,
        N_("Key"): row.broken.key,
        N_("First seen"): showing.local(row.first_seen_at, wiring.zone),
        N_("Last seen"): showing.local(row.last_seen_at, wiring.zone),
    }
    showing.facts(facts)
    showing.line(say(N_("What is wrong:")))
    for text in _places(row):
        showing.line(f"  {text}")
    showing.line(say(N_("Mended in the journal, it leaves the quarantine by itself at the next read.")))
    showing.line(f"→ ejsync quarantine release {row.number}")


def _located(exchange: "Exchange", school: str | None, number: int) -> "tuple[Wiring, QuarantineRow]":
    for wiring in exchange.school(school):
        with exchange.store.read(wiring.school) as tx:
            try:
                return wiring, tx.quarantine.get(number)
            except NotFound:
                continue
    raise NotFound(what=say(N_("quarantine entry")), name=str(number), listing="ejsync quarantine list")


@group.command(
    "release",
    help=N_("Check records again and take in those that are well now."),
    examples=("ejsync quarantine release 3", "ejsync quarantine release 3 4 5"),
)
@argument("numbers", type=int, metavar=N_("NUMBER..."), nargs=-1, required=True)
@of_school
@as_json
@pass_desk
def release(desk: Desk, *, numbers: tuple[int, ...], school: str | None, as_json: bool) -> None:
    """Release one after another; the first that still breaks its contract ends the command."""
    from ejsync.pipeline.release import release as take_in

    done = []
    with desk.exchange() as exchange:
        for number in numbers:
            wiring, _ = _located(exchange, school, number)
            counts = take_in(wiring, number)
            done.append({"number": number, "counts": {name: count for name, count in counts.items() if count}})
            if not as_json:
                showing.line(say(N_("{number}: taken in"), number=number))
    if as_json:
        showing.document({"ok": True, "released": done})
