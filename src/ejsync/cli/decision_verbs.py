"""What operators decide about batches: held changes are sent or given up, and so is what a diary will never take."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.batch_by_batch import WHO_SENDS, Done, carry_out, tell_left
from ejsync.cli.batch_choice import Asked, choosing
from ejsync.cli.batch_finding import SHORT_ID, chosen, named
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.discard_plan import LISTED, Part, discardable, part, place_of, questions, show, summed
from ejsync.cli.glossary import word
from ejsync.cli.next_step import commanded
from ejsync.cli.speaking import Verb, argument, as_json, confirm, confirmed, of_school, option
from ejsync.domain.batches import BatchState
from ejsync.errors import IllegalTransition
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.standing import BatchRow, OutboxEntry
    from ejsync.pipeline.ports import Wiring

    Chosen = Sequence[tuple[Wiring, BatchRow]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided: the deed on one batch, and how it is told.

    Attributes:
        tell: says of one batch what was done with so many of its items.
        total: the same of all batches.
    """

    deed: "Callable[[Wiring, BatchRow], int]"
    tell: "Callable[[BatchRow, int], str]"
    total: Callable[[int], str]


def _decide(
    decision: Decision, found: "Chosen", asked: "Sequence[str]", *, yes: bool, as_json: bool, named: bool
) -> Done | None:
    """Ask, do, and tell; None where the answer was no."""
    if not confirm("\n".join(asked), yes=yes):
        showing.note(say(N_("Nothing was done.")))
        return None
    done = carry_out(found, decision.deed, say(N_("deciding")), strictly=named)
    if as_json:
        decided = [{"batch": row.batch, "sink": row.sink, "items": count} for row, count in done.results]
        showing.document({**done.document(), "decided": decided})
    elif len(done.results) <= LISTED:
        for row, count in done.results:
            showing.line(decision.tell(row, count))
    else:
        showing.line(decision.total(sum(count for _, count in done.results)))
    return done


@click.command(
    "approve",
    cls=Verb,
    help=N_("Send held changes: a mass change that is meant."),
    examples=("ejsync batches approve 4f1c", "ejsync batches approve 4f1c 77ab --yes"),
)
@argument("batches", metavar=N_("BATCH..."), nargs=-1, required=True)
@confirmed
@of_school
@as_json
@pass_desk
def approve(desk: Desk, *, batches: tuple[str, ...], yes: bool, school: str | None, as_json: bool) -> int | None:
    """Ask, then let go."""
    from ejsync.pipeline.replay import approve as let_go

    decision = Decision(lambda wiring, row: let_go(wiring, row.batch), _approved, _all_approved)
    with desk.exchange() as exchange:
        found = named(exchange, school, batches)
        for _, row in found:
            if row.state is not BatchState.HELD:
                raise IllegalTransition(batch=row.batch, current=row.state, wanted=BatchState.APPROVED)
        asked = [_of_approval(row, _held(exchange, wiring, row)) for wiring, row in found]
        done = _decide(decision, found, asked, yes=yes, as_json=as_json, named=True)
    if done is None:
        return None
    if not as_json:
        showing.line(commanded(say(WHO_SENDS)))
    tell_left(done, "approve", Asked(), named=True)
    return done.exit_code


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
            what = showing.pairs({word(kind): count for kind, count in kinds.items()})
            told.append(say(sentence, what=what, where=place_of(row.reason)))
    return told


def _approved(row: "BatchRow", count: int) -> str:
    return say_count(
        "{batch}: {count} change is free to go to the diary “{sink}”",
        "{batch}: {count} changes are free to go to the diary “{sink}”",
        count,
        batch=row.batch[:SHORT_ID],
        sink=row.sink,
    )


def _all_approved(count: int) -> str:
    return say_count("{count} change is free to go", "{count} changes are free to go", count)


@click.command(
    "discard",
    cls=Verb,
    help=N_(
        "Give up dead letters for good; with --state held or by name held changes too, with --state pending or by name"
        " what waits for its next try after a failed one."
    ),
    examples=(
        "ejsync batches discard 4f1c",
        "ejsync batches discard --kind mark --reason unknown_pupil --until 2026-10-31 --dry-run",
        "ejsync batches discard --state held --since 2h --yes",
    ),
)
@argument("batches", metavar=N_("[BATCH]..."), nargs=-1)
@choosing
@option("--dry-run", is_flag=True, help=N_("Show the plan only."))
@confirmed
@of_school
@as_json
@pass_desk
def discard(
    desk: Desk, /, *, batches: tuple[str, ...], school: str | None, yes: bool, as_json: bool, **options: Any
) -> int | None:
    """Plan, ask, then give up."""
    dry_run = options.pop("dry_run")
    asked = Asked(**options)
    if not batches and asked == Asked():
        raise click.UsageError(say(N_("Name batches, or choose them.")))
    with desk.exchange() as exchange:
        found = named(exchange, school, batches) if batches else chosen(exchange, school, discardable(asked))
        plan = _plan(exchange, found, asked, named=bool(batches))
        found = [(wiring, row) for wiring, row in found if row.batch in plan]
        lines = summed(found, plan)
        _show_plan(lines, len(found), as_json=as_json, only=dry_run or not found)
        if dry_run or not found:
            return None
        decision = Decision(_giving_up(found, asked), _discarded, _all_discarded)
        done = _decide(decision, found, questions(found, plan), yes=yes, as_json=as_json, named=bool(batches))
    if done is None:
        return None
    tell_left(done, "discard", asked, named=bool(batches), more=["--school", school] if school else [])
    return done.exit_code


def _plan(exchange: "Exchange", found: "Chosen", asked: Asked, *, named: bool) -> dict[str, Part]:
    """Return what of each batch would be given up.

    Raises:
        IllegalTransition: there is nothing to give up of a batch that was named.
    """
    parts = {}
    for wiring, row in found:
        given_up = part(exchange, wiring, row, asked)
        if given_up is not None:
            parts[row.batch] = given_up
        elif named:
            raise IllegalTransition(batch=row.batch, current=row.state, wanted="discarded")
    return parts


def _show_plan(lines: "list[dict[str, Any]]", batches: int, *, as_json: bool, only: bool) -> None:
    if not as_json:
        show(lines, batches)
    elif only:
        told = {"batches": batches, "items": lines}
        showing.document({"ok": True, "dry_run": True, "plan": told, "decided": []})


def _giving_up(found: "Chosen", asked: Asked) -> "Callable[[Wiring, BatchRow], int]":
    from ejsync.pipeline.replay import discard as give_up

    meant = {wiring.school: asked.within(wiring) for wiring, _ in found}
    return lambda wiring, row: give_up(wiring, row.batch, meant[wiring.school])


def _discarded(row: "BatchRow", count: int) -> str:
    if row.state is BatchState.PENDING:
        return say_count(
            "{batch}: {count} item given up; whether the diary “{sink}” has it, nobody knows",
            "{batch}: {count} items given up; whether the diary “{sink}” has them, nobody knows",
            count,
            batch=row.batch[:SHORT_ID],
            sink=row.sink,
        )
    return say_count(
        "{batch}: {count} item given up; the diary “{sink}” keeps what it has",
        "{batch}: {count} items given up; the diary “{sink}” keeps what it has",
        count,
        batch=row.batch[:SHORT_ID],
        sink=row.sink,
    )


def _all_discarded(count: int) -> str:
    return say_count("{count} item given up", "{count} items given up", count)
