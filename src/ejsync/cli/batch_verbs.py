"""`batches`: what travels and has travelled; dead letters are sent again, held changes are decided about."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.showing import BAD, GOOD, WARNING, Cell
from ejsync.cli.speaking import Verbs, argument, as_json, confirm, confirmed, of_school, option
from ejsync.errors import NotFound
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.standing import BatchRow, ItemRow
    from ejsync.pipeline.ports import Wiring

STATES = ("held", "pending", "in_flight", "delivered", "partial", "dead", "split", "cancelled", "approved")
SHORT_ID = 8
_COLOURS = {"delivered": GOOD, "dead": BAD, "partial": BAD, "held": WARNING, "pending": WARNING}

group = Verbs(
    "batches",
    help=N_("Look at batches, send dead letters again, decide about held changes."),
    examples=("ejsync batches list --dead", "ejsync batches replay --all-dead"),
)


@group.command(
    "list",
    help=N_("List batches, newest first."),
    examples=("ejsync batches list", "ejsync batches list --state held", "ejsync batches list --dead --json"),
)
@option("--state", "states", multiple=True, type=click.Choice(STATES), help=N_("Only this state; may be repeated."))
@option("--dead", is_flag=True, help=N_("Only batches with dead letters that nobody has decided about."))
@option("--sink", metavar=N_("NAME"), help=N_("Only this diary."))
@option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help=N_("How many at most."))
@of_school
@as_json
@pass_desk
def show_list(desk: Desk, /, *, school: str | None, as_json: bool, **wanted: Any) -> None:
    """Print batches of the schools."""
    with desk.exchange() as exchange:
        found = [(wiring, row) for wiring in exchange.school(school) for row in _found(exchange, wiring, **wanted)]
    if as_json:
        showing.document({"batches": [_told(row) for _, row in found]})
        return
    heads = (N_("Batch"), N_("Sink"), N_("State"), N_("Items"), N_("Dead"), N_("Tries"), N_("Made"), N_("Error"))
    showing.table([say(head) for head in heads], [_row(wiring, row) for wiring, row in found])
    if not found:
        showing.line(say(N_("None.")))


def _found(
    exchange: "Exchange", wiring: "Wiring", *, states: tuple[str, ...], dead: bool, sink: str | None, limit: int
) -> "list[BatchRow]":
    from ejsync.domain.batches import BatchState

    with exchange.store.read(wiring.school) as tx:
        if dead:
            return tx.batches.with_dead_letters(sink=sink)[:limit]
        return tx.batches.find([BatchState(state) for state in states], sink=sink, limit=limit)


def _told(row: "BatchRow") -> dict[str, Any]:
    from dataclasses import asdict

    return {name: value for name, value in asdict(row).items() if name not in {"idempotency_key", "epoch"}}


def _row(wiring: "Wiring", row: "BatchRow") -> list[Cell]:
    return [
        row.batch[:SHORT_ID],
        row.sink,
        (row.state.value, _COLOURS.get(row.state.value, "")),
        row.items,
        (row.dead, BAD if row.dead else ""),
        row.attempts,
        showing.local(row.created_at, wiring.zone),
        row.last_error or "-",
    ]


@group.command(
    "show",
    help=N_("Show one batch and its items: keys, versions and answers, never their content."),
    examples=("ejsync batches show 4f1c", "ejsync batches show 4f1c --json"),
)
@argument("batch", metavar=N_("BATCH"))
@of_school
@as_json
@pass_desk
def show(desk: Desk, *, batch: str, school: str | None, as_json: bool) -> None:
    """Print a batch; its id may be given by its beginning."""
    with desk.exchange() as exchange:
        wiring, row = locate(exchange, school, batch)
        with exchange.store.read(wiring.school) as tx:
            items = [_item(item) for item in tx.batches.items(row.batch)]
            items += [] if items else [_held_item(entry) for entry in tx.outbox.held_entries(row.batch)]
    whole = {**_told(row), "contents": items}
    if as_json:
        showing.document(whole)
        return
    _show_facts(wiring, whole)
    showing.line()
    heads = (N_("Operation"), N_("Kind"), N_("Version"), N_("State"), N_("Code"), N_("Place"), N_("Key"))
    names = ("op", "kind", "version", "state", "code", "pointer", "key")
    showing.table([say(head) for head in heads], [[item[name] or "-" for name in names] for item in items])


def _item(item: "ItemRow") -> dict[str, Any]:
    return {
        "position": item.position,
        "op": item.op.value,
        "kind": item.kind.value,
        "key": item.key,
        "version": item.version,
        "state": item.state.value,
        "code": item.code,
        "pointer": item.pointer,
    }


def _held_item(entry: Any) -> dict[str, Any]:
    told = {"op": entry.op.value, "kind": entry.kind.value, "key": entry.key, "version": entry.version}
    return {"position": None, **told, "state": "held", "code": None, "pointer": None}


def _show_facts(wiring: "Wiring", whole: Mapping[str, Any]) -> None:
    facts = {
        N_("Batch"): whole["batch"],
        N_("Sink"): whole["sink"],
        N_("State"): whole["state"],
        N_("Reason"): whole["reason"],
        N_("Made"): showing.local(whole["created_at"], wiring.zone),
        N_("Tries"): whole["attempts"],
        N_("Error"): whole["last_error"] or "-",
        N_("Replay of"): whole["replay_of"] or "-",
        N_("Split off"): whole["split_of"] or "-",
    }
    showing.facts(facts)


def locate(exchange: "Exchange", school: str | None, batch: str) -> "tuple[Wiring, BatchRow]":
    """Find a batch among the schools, by its id or an unambiguous beginning of it.

    Raises:
        NotFound: no school has it.
    """
    for wiring in exchange.school(school):
        with exchange.store.read(wiring.school) as tx:
            try:
                return wiring, tx.batches.get(batch)
            except NotFound:
                continue
    raise NotFound(what=say(N_("batch")), name=batch, listing="ejsync batches list")


@group.command(
    "replay",
    help=N_("Send dead letters again, as a new batch, once their cause is mended."),
    examples=("ejsync batches replay 4f1c", "ejsync batches replay --all-dead --sink ed"),
)
@argument("batches", metavar=N_("[BATCH]..."), nargs=-1)
@option("--all-dead", is_flag=True, help=N_("Every batch with dead letters."))
@option("--sink", metavar=N_("NAME"), help=N_("With --all-dead: only this diary."))
@of_school
@as_json
@pass_desk
def replay(desk: Desk, /, *, batches: tuple[str, ...], school: str | None, as_json: bool, **which: Any) -> None:
    """Make the replays; the daemon, or the next `sync`, sends them."""
    from dataclasses import asdict

    from ejsync.pipeline.replay import replay as replay_batch

    if bool(batches) is which["all_dead"]:
        raise click.UsageError(say(N_("Name batches, or say --all-dead.")))
    with desk.exchange() as exchange:
        chosen = _dead(exchange, school, which["sink"]) if which["all_dead"] else _named(exchange, school, batches)
        done = [replay_batch(wiring, row.batch) for wiring, row in chosen]
    if as_json:
        showing.document({"ok": True, "replays": [asdict(one) for one in done]})
        return
    heads = (N_("Batch"), N_("New batch"), N_("Sent"), N_("Superseded"), N_("Withheld"))
    rows = [[one.of[:SHORT_ID], (one.batch or "-")[:SHORT_ID], one.sent, one.superseded, one.withheld] for one in done]
    showing.table([say(head) for head in heads], rows)
    showing.line(say(N_("The running ejsync sends them by itself; without one: ejsync sync")))


def _named(exchange: "Exchange", school: str | None, batches: Iterable[str]) -> "list[tuple[Wiring, BatchRow]]":
    return [locate(exchange, school, batch) for batch in batches]


def _dead(exchange: "Exchange", school: str | None, sink: str | None) -> "list[tuple[Wiring, BatchRow]]":
    found = []
    for wiring in exchange.school(school):
        with exchange.store.read(wiring.school) as tx:
            found += [(wiring, row) for row in tx.batches.with_dead_letters(sink=sink)]
    return found


@group.command(
    "approve",
    help=N_("Let held changes go: a mass change that is meant."),
    examples=("ejsync batches approve 4f1c", "ejsync batches approve 4f1c 77ab --yes"),
)
@argument("batches", metavar=N_("BATCH..."), nargs=-1, required=True)
@confirmed
@of_school
@pass_desk
def approve(desk: Desk, *, batches: tuple[str, ...], yes: bool, school: str | None) -> None:
    """Ask, then let go."""
    from ejsync.pipeline.replay import approve as let_go

    with desk.exchange() as exchange:
        chosen = _named(exchange, school, batches)
        changes = sum(_held_count(exchange, wiring, row) for wiring, row in chosen)
        question = say_count("Let {count} change go?", "Let {count} changes go?", changes)
        _decide(chosen, let_go, question=question, yes=yes)


def _held_count(exchange: "Exchange", wiring: "Wiring", row: "BatchRow") -> int:
    with exchange.store.read(wiring.school) as tx:
        return len(tx.outbox.held_entries(row.batch))


def _decide(
    chosen: "list[tuple[Wiring, BatchRow]]", deed: "Callable[[Wiring, str], int]", *, question: str, yes: bool
) -> None:
    if not confirm(question, yes=yes):
        showing.note(say(N_("Nothing was done.")))
        return
    for wiring, row in chosen:
        count = deed(wiring, row.batch)
        done = say_count("{batch}: {count} item", "{batch}: {count} items", count, batch=row.batch[:SHORT_ID])
        showing.line(done)


@group.command(
    "discard",
    help=N_("Give up held changes or dead letters for good."),
    examples=("ejsync batches discard 4f1c", "ejsync batches discard 4f1c --yes"),
)
@argument("batches", metavar=N_("BATCH..."), nargs=-1, required=True)
@confirmed
@of_school
@pass_desk
def discard(desk: Desk, *, batches: tuple[str, ...], yes: bool, school: str | None) -> None:
    """Ask, then give up."""
    from ejsync.pipeline.replay import discard as give_up

    with desk.exchange() as exchange:
        chosen = _named(exchange, school, batches)
        question = say_count("Give {count} batch up?", "Give {count} batches up?", len(chosen))
        _decide(chosen, give_up, question=question, yes=yes)
