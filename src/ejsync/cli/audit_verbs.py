"""`audit`: the hash-chained log: read it, follow a batch or a pupil through it, verify it, hand it out."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.audit_check import check_file, check_store, line
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.files import put
from ejsync.cli.glossary import pupil_id
from ejsync.cli.showing import GOOD
from ejsync.cli.speaking import Verbs, argument, as_json, of_school, option
from ejsync.domain.audit import intact, unbroken
from ejsync.errors import NotFound
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
        "Show entries in full: one by its number, or all of a batch. With --pupil: what has left of a pupil or was put"
        " on paper, when, to whom, on what ground, and what came of it."
    ),
    examples=("ejsync audit show 12", "ejsync audit show 757925a8", "ejsync audit show --pupil 1234 --json"),
)
@argument("which", metavar=N_("[NUMBER|BATCH]"), required=False)
@option("--pupil", metavar=N_("ID"), help=N_("ElJur id of a pupil; the log knows a pseudonym only."))
@option("--full", is_flag=True, help=N_("With --pupil: the entries themselves, without other pupils' lines."))
@of_school
@as_json
@pass_desk
def show(desk: Desk, /, *, which: str | None, pupil: str | None, school: str | None, **how: bool) -> None:
    """Search the chains."""
    if (which is None) is (pupil is None):
        raise click.UsageError(say(N_("Say the number of an entry, the id of a batch, or --pupil ID.")))
    if which is not None and not which.isdigit() and len(which) < LEAST_ID:
        raise click.UsageError(say(N_("Say at least {count} characters of a batch's id."), count=LEAST_ID))
    if pupil is not None:
        _show_pupil(desk, pupil_id(pupil), school, **how)
        return
    sought = str(which)
    with desk.exchange() as exchange:
        wirings = exchange.school(school)
        events = [event.document() for wiring in wirings for event in _matching(exchange, wiring, sought)]
    if not events:
        raise NotFound(what=say(N_("audit entry")), name=sought, listing="ejsync audit tail")
    if how["as_json"]:
        showing.document({"events": events})
        return
    _print_in_full(events)


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


@group.command(
    "verify",
    help=N_(
        "Work every hash out again. Exit 8 if an entry was altered, removed or put in. That the last entries were cut"
        " off is found only against a head kept elsewhere: note the one that is printed, and give it with --head later."
    ),
    examples=("ejsync audit verify", "ejsync audit verify --head HASH", "ejsync audit verify --file audit.jsonl"),
)
@option("--head", metavar=N_("HASH"), help=N_("A head that an earlier verify printed: one entry must still have it."))
@option(
    "--file", metavar=N_("PATH"), type=click.Path(dir_okay=False, path_type=Path),
    help=N_("Verify a file that `audit export` wrote, alone; no store is opened."),
)  # fmt: skip
@of_school
@as_json
@pass_desk
def verify(desk: Desk, /, *, school: str | None, as_json: bool, head: str | None, file: Path | None) -> None:
    """Verify each chain from its first entry; the first break ends it all."""
    kept = _head(head)
    if file is not None:
        found = check_file(file, school, kept)
    else:
        with desk.exchange() as exchange:
            found = check_store(exchange, school, kept)
    if as_json:
        showing.document({"ok": True, "schools": found, "tail_checked": kept is not None})
        return
    for one in found:
        count, school_name = one["entries"], one["school"]
        told = say_count(
            "{school}: {count} entry, unbroken", "{school}: {count} entries, unbroken", count, school=school_name
        )
        showing.line(told, GOOD)
        showing.line(f"  {one['head']}")
    if kept is None:
        showing.note(say(N_("Keep this head elsewhere: only `--head` against it finds that the end was cut off.")))


def _head(text: str | None) -> str | None:
    if text is None or re.fullmatch("[0-9a-f]{64}", text.strip().lower()):
        return text and text.strip().lower()
    raise click.UsageError(say(N_("A head is 64 hex digits, as `audit verify` prints it.")))


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
        count = put(path, _lines(exchange, school), force=force)
    showing.line(say_count("{count} entry written to {path}", "{count} entries written to {path}", count, path=path))


def _lines(exchange: "Exchange", school: str | None) -> Iterator[str]:
    for wiring in exchange.school(school):
        with exchange.store.read(wiring.school) as tx:
            for event in unbroken(wiring.school, tx.audit.walk()):
                yield line(event.document())
