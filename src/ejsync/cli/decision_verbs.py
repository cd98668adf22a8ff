"""What operators decide about batches: dead letters go again or are given up, held changes are sent or given up."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.batch_finding import SHORT_ID, named, with_dead_letters
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.glossary import word
from ejsync.cli.next_step import commanded
from ejsync.cli.speaking import Verb, argument, as_json, confirm, confirmed, of_school, option
from ejsync.errors import IllegalTransition
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ejsync.bootstrap import Exchange
    from ejsync.domain.standing import BatchRow, OutboxEntry
    from ejsync.pipeline.ports import Wiring
    from ejsync.pipeline.replay import Replayed

    Chosen = list[tuple[Wiring, BatchRow]]

WHO_SENDS = N_("The running ejsync sends them by itself; without one: ejsync sync")


@click.command(
    "replay",
    cls=Verb,
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
        found = with_dead_letters(exchange, school, which["sink"]) if which["all_dead"] else None
        chosen = named(exchange, school, batches) if found is None else found
        done = [replay_batch(wiring, row.batch) for wiring, row in chosen]
    if as_json:
        showing.document({"ok": True, "replays": [asdict(one) for one in done]})
        return
    _show_replays(done)


def _show_replays(done: "Sequence[Replayed]") -> None:
    if done:
        heads = (N_("Batch"), N_("New batch"), N_("To send"), N_("Superseded"), N_("Withheld"))
        rows = [
            [one.of[:SHORT_ID], (one.batch or "-")[:SHORT_ID], one.sent, one.superseded, one.withheld] for one in done
        ]
        showing.table([say(head) for head in heads], rows)
    if any(one.sent for one in done):
        showing.line(commanded(say(WHO_SENDS)))
    else:
        showing.line(say(N_("There was nothing to send again.")))


@click.command(
    "approve",
    cls=Verb,
    help=N_("Send held changes: a mass change that is meant."),
    examples=("ejsync batches approve 4f1c", "ejsync batches approve 4f1c 77ab --yes"),
)
@argument("batches", metavar=N_("BATCH..."), nargs=-1, required=True)
@confirmed
@of_school
@pass_desk
def approve(desk: Desk, *, batches: tuple[str, ...], yes: bool, school: str | None) -> None:
    """Ask, then let go."""
    from ejsync.domain.batches import BatchState
    from ejsync.pipeline.replay import approve as let_go

    with desk.exchange() as exchange:
        chosen = named(exchange, school, batches)
        for _, row in chosen:
            if row.state is not BatchState.HELD:
                raise IllegalTransition(batch=row.batch, current=row.state, wanted=BatchState.APPROVED)
        questions = [_of_approval(row, _held(exchange, wiring, row)) for wiring, row in chosen]
        if not _agreed(questions, yes=yes):
            return
        _do(chosen, let_go, _approved)
        showing.line(commanded(say(WHO_SENDS)))


def _held(exchange: "Exchange", wiring: "Wiring", row: "BatchRow") -> "list[OutboxEntry]":
    with exchange.store.read(wiring.school) as tx:
        return tx.outbox.held_entries(row.batch)


def _of_approval(row: "BatchRow", held: "Sequence[OutboxEntry]") -> str:
    question = say_count(
        "Send {count} held change to the diary “{sink}”?",
        "Send {count} held changes to the diary “{sink}”?",
        len(held),
        sink=row.sink,
    )
    return " ".join([question, *_directions(row, held)])


def _directions(row: "BatchRow", held: "Iterable[OutboxEntry]") -> "list[str]":
    """Say what the diary would lose and what it would get, and which place of the journal that concerns."""
    from ejsync.domain.changes import Op

    counts = Counter((entry.op, entry.kind.value) for entry in held)
    sentences = {
        Op.RETRACT: N_("Retracted there: {what} ({where})."),
        Op.UPSERT: N_("Written there: {what} ({where})."),
    }
    told = []
    for op, sentence in sentences.items():
        kinds = {kind: count for (its, kind), count in sorted(counts.items()) if its is op}
        if kinds:
            told.append(
                say(
                    sentence,
                    what=showing.pairs({word(kind): count for kind, count in kinds.items()}),
                    where=place_of(row.reason),
                )
            )
    return told


def place_of(reason: str) -> str:
    """Name what was read when a mass was found: feed, class and days, out of the held batch's reason."""
    label = reason.rpartition(": ")[0] or reason
    feed, _, rest = label.partition("/")
    scope, _, days = rest.partition("/")[2].rpartition("/")
    feed = word(feed)
    return f"{feed} {scope}, {days}" if scope and ".." in days else f"{feed} {rest.partition('/')[2]}".strip()


def _approved(row: "BatchRow", count: int) -> str:
    return say_count(
        "{batch}: {count} change is free to go to the diary “{sink}”",
        "{batch}: {count} changes are free to go to the diary “{sink}”",
        count,
        batch=row.batch[:SHORT_ID],
        sink=row.sink,
    )


def _agreed(questions: "Sequence[str]", *, yes: bool) -> bool:
    if confirm("\n".join(questions), yes=yes):
        return True
    showing.note(say(N_("Nothing was done.")))
    return False


def _do(chosen: "Chosen", deed: "Callable[[Wiring, str], int]", told: "Callable[[BatchRow, int], str]") -> None:
    for wiring, row in chosen:
        showing.line(told(row, deed(wiring, row.batch)))


@click.command(
    "discard",
    cls=Verb,
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
        chosen = named(exchange, school, batches)
        questions = [_of_discard(exchange, wiring, row) for wiring, row in chosen]
        if _agreed(questions, yes=yes):
            _do(chosen, give_up, _discarded)


def _of_discard(exchange: "Exchange", wiring: "Wiring", row: "BatchRow") -> str:
    """Ask with the consequence.

    Raises:
        IllegalTransition: there is nothing to give up.
    """
    from ejsync.domain.batches import BatchState, ItemState

    if row.state is BatchState.HELD:
        return say_count(
            "Give up {count} held change ({where})? The diary “{sink}” keeps what it has.",
            "Give up {count} held changes ({where})? The diary “{sink}” keeps what it has.",
            len(_held(exchange, wiring, row)),
            sink=row.sink,
            where=place_of(row.reason),
        )
    with exchange.store.read(wiring.school) as tx:
        dead = sum(item.state is ItemState.DEAD for item in tx.batches.items(row.batch))
    if not dead:
        raise IllegalTransition(batch=row.batch, current=row.state, wanted="discarded")
    return say_count(
        "Give up {count} dead letter? The diary “{sink}” keeps what it has.",
        "Give up {count} dead letters? The diary “{sink}” keeps what it has.",
        dead,
        sink=row.sink,
    )


def _discarded(row: "BatchRow", count: int) -> str:
    return say_count(
        "{batch}: {count} item given up; the diary “{sink}” keeps what it has",
        "{batch}: {count} items given up; the diary “{sink}” keeps what it has",
        count,
        batch=row.batch[:SHORT_ID],
        sink=row.sink,
    )
