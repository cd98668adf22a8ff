"""`batches`: what travels and has travelled; dead letters are sent again, held changes are decided about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import decision_verbs, showing
from ejsync.cli.batch_choice import Asked, choosing
from ejsync.cli.batch_diff import diff
from ejsync.cli.batch_finding import SHORT_ID, locate
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.replay_verb import replay
from ejsync.cli.showing import BAD, GOOD, WARNING, Cell
from ejsync.cli.speaking import Verbs, argument, as_json, of_school, option
from ejsync.domain.batches import ItemState
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.decisions import Selection
    from ejsync.domain.standing import BatchRow, ItemRow
    from ejsync.pipeline.ports import Wiring

_COLOURS = {"delivered": GOOD, "dead": BAD, "partial": BAD, "held": WARNING, "pending": WARNING}

group = Verbs(
    "batches",
    help=N_("Look at batches, send dead letters again, decide about held changes."),
    examples=("ejsync batches list --dead", "ejsync batches replay --all-dead"),
)


@group.command(
    "list",
    help=N_("List batches, newest first."),
    examples=(
        "ejsync batches list",
        "ejsync batches list --state held",
        "ejsync batches list --kind mark --reason unknown_pupil --since 3d --json",
    ),
)
@choosing
@option("--dead", is_flag=True, help=N_("Only batches with dead letters left."))
@option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help=N_("How many at most."))
@of_school
@as_json
@pass_desk
def show_list(desk: Desk, /, *, school: str | None, as_json: bool, dead: bool, limit: int, **options: Any) -> None:
    """Print batches of the schools."""
    asked = Asked(**options)
    with desk.exchange() as exchange:
        found = [
            one
            for wiring in exchange.school(school)
            for one in _found(exchange, wiring, replace(asked.within(wiring), dead=dead), limit)
        ]
    if as_json:
        showing.document({"batches": [_told(one) for one in found]})
        return
    heads = (N_("Batch"), N_("Sink"), N_("State"), N_("Items"), N_("Dead"), N_("Tries"), N_("Made"), N_("Error"))
    showing.table([say(head) for head in heads], [_row(one) for one in found])
    if not found:
        showing.line(say(N_("None.")))


@dataclass(frozen=True, slots=True)
class Found:
    """A batch as an operator should see it: with what waits in it and what is left of its dead letters."""

    wiring: "Wiring"
    row: "BatchRow"
    held: int | None
    fates: "Mapping[ItemState, int]"

    @property
    def items(self) -> int:
        """Count the items; of a held batch the changes that wait in it."""
        return self.row.items if self.held is None else self.held

    @property
    def left(self) -> int:
        """Count the dead letters that nobody has decided about."""
        return self.fates.get(ItemState.DEAD, 0)

    @property
    def state(self) -> str:
        """Name the state; one whose dead letters were all decided about is named after the decision."""
        if self.row.dead and not self.left:
            for decided in (ItemState.REPLAYED, ItemState.DISCARDED):
                if self.fates.get(decided):
                    return decided.value
        return self.row.state.value


def _found(exchange: "Exchange", wiring: "Wiring", selection: "Selection", limit: int) -> list[Found]:
    with exchange.store.read(wiring.school) as tx:
        rows = tx.decisions.find(selection, limit)
        held, fates = tx.batches.held_counts(), tx.batches.fates()
    return [Found(wiring, row, held.get(row.batch), fates.get(row.batch, {})) for row in rows]


def _told(found: Found) -> dict[str, Any]:
    """Tell a batch with what waits in it or is left of it now; what it was once stays in `state` and `dead`."""
    from dataclasses import asdict

    row = {name: value for name, value in asdict(found.row).items() if name not in {"idempotency_key", "epoch"}}
    return {**row, "items": found.items, "dead_left": found.left}


def _row(found: Found) -> list[Cell]:
    wiring, row, state = found.wiring, found.row, found.state
    return [
        row.batch[:SHORT_ID],
        row.sink,
        (state, _COLOURS.get(state, "")),
        found.items,
        (found.left, BAD if found.left else ""),
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
            found = Found(wiring, row, tx.batches.held_counts().get(row.batch), tx.batches.fates().get(row.batch, {}))
    whole = {**_told(found), "contents": items}
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


for command in (diff, replay, decision_verbs.approve, decision_verbs.discard):
    group.add_command(command)
