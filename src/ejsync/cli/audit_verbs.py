"""`audit`: the hash-chained log: read it, follow a batch or a pupil through it, verify it, hand it out."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.showing import GOOD
from ejsync.cli.speaking import Verbs, argument, as_json, of_school, option
from ejsync.errors import BadInput, NotFound
from ejsync.wording import N_, say, say_count

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
        return tx.audit.tail(count)


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
    help=N_("Show entries in full: one by its number, all of a batch, or all that concern a pupil."),
    examples=("ejsync audit show 12", "ejsync audit show 757925a8", "ejsync audit show --pupil 1234 --json"),
)
@argument("which", metavar=N_("[NUMBER|BATCH]"), required=False)
@option("--pupil", metavar=N_("ID"), help=N_("ElJur id of a pupil; the log knows a pseudonym only."))
@of_school
@as_json
@pass_desk
def show(desk: Desk, *, which: str | None, pupil: str | None, school: str | None, as_json: bool) -> None:
    """Search the chains."""
    if (which is None) is (pupil is None):
        raise click.UsageError(say(N_("Say the number of an entry, the id of a batch, or --pupil ID.")))
    if which is not None and not which.isdigit() and len(which) < LEAST_ID:
        raise click.UsageError(say(N_("Say at least {count} characters of a batch's id."), count=LEAST_ID))
    with desk.exchange() as exchange:
        wirings = exchange.school(school)
        sought = str(which) if pupil is None else wirings[0].keyring.pseudonym(pupil)
        events = [event for wiring in wirings for event in _matching(exchange, wiring, sought)]
    if not events:
        raise NotFound(what=say(N_("audit entry")), name=which or str(pupil), listing="ejsync audit tail")
    if as_json:
        showing.document({"events": [event.document() for event in events]})
        return
    for event in events:
        showing.heading(f"{event.school} {event.seq}  {event.at}  {event.event}")
        for text in _in_full(event.details, None if pupil is None else sought):
            showing.line(text)


def _in_full(details: Mapping[str, Any], sought: str | None) -> Iterator[str]:
    """Write details line by line; of long lists only the entries about the pupil that is sought."""
    for name, value in details.items():
        if isinstance(value, list) and value and isinstance(value[0], list):
            yield f"  {name}: {len(value)}"
            rows = (json.dumps(row, ensure_ascii=False) for row in value)
            yield from (f"    {row}" for row in rows if sought is None or sought in row)
        else:
            yield f"  {name}: {_value(value)}"


def _matching(exchange: "Exchange", wiring: "Wiring", wanted: str) -> "Iterator[AuditEvent]":
    """Yield the entries that are meant: by number where it is one and exists, else by what their details say."""
    with exchange.store.read(wiring.school) as tx:
        if wanted.isdigit() and 0 < int(wanted) <= tx.audit.head()[0]:
            yield from islice(tx.audit.walk(int(wanted) - 1), 1)
            return
        yield from (event for event in tx.audit.walk() if f'"{wanted}' in json.dumps(event.details))


@group.command(
    "verify",
    help=N_("Work every hash out again. Exit 8 if an entry was altered, removed or put in."),
    examples=("ejsync audit verify", "ejsync audit verify --json"),
)
@of_school
@as_json
@pass_desk
def verify(desk: Desk, *, school: str | None, as_json: bool) -> None:
    """Verify each chain from its first entry; the first break ends it all."""
    from ejsync.domain.audit import verify as verify_chain

    found: list[dict[str, Any]] = []
    with desk.exchange() as exchange:
        for wiring in exchange.school(school):
            with exchange.store.read(wiring.school) as tx:
                entries, head = verify_chain(wiring.school, tx.audit.walk())
            found.append({"school": wiring.school, "entries": entries, "head": head})
    if as_json:
        showing.document({"ok": True, "schools": found})
        return
    for one in found:
        count, school_name = one["entries"], one["school"]
        told = say_count(
            "{school}: {count} entry, unbroken", "{school}: {count} entries, unbroken", count, school=school_name
        )
        showing.line(told, GOOD)
        showing.line(f"  {one['head']}")


@group.command(
    "export",
    help=N_("Write the log to a file: one JSON object a line, as contracts/audit/v1 describes it."),
    examples=("ejsync audit export audit.jsonl", "ejsync audit export - --school lyceum"),
)
@argument("path", metavar=N_("PATH"), type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@option("--force", is_flag=True, help=N_("Overwrite a file that is there."))
@of_school
@pass_desk
def export(desk: Desk, *, path: Path, force: bool, school: str | None) -> None:
    """Write every entry of the schools."""
    with desk.exchange() as exchange:
        if str(path) == "-":
            for text in _lines(exchange, school):
                click.echo(text)
            return
        count = _write(path, _lines(exchange, school), force=force)
    showing.line(say_count("{count} entry written to {path}", "{count} entries written to {path}", count, path=path))


def _lines(exchange: "Exchange", school: str | None) -> Iterator[str]:
    for wiring in exchange.school(school):
        with exchange.store.read(wiring.school) as tx:
            for event in tx.audit.walk():
                yield json.dumps(event.document(), ensure_ascii=True, sort_keys=True)


def _write(path: Path, lines: Iterable[str], *, force: bool) -> int:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            return sum(1 for text in lines if file.write(text + "\n"))
    except FileExistsError:
        raise BadInput(what=str(path), faults=(say(N_("It is there already; --force overwrites it.")),)) from None
    except OSError as error:
        raise BadInput(what=str(path), faults=(error.strerror or type(error).__name__,)) from None
