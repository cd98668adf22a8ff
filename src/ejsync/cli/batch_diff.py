"""`batches diff`: what a batch carried against what is known now and what the diary holds; versions, never content."""

from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.batch_finding import locate
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.glossary import word
from ejsync.cli.showing import GOOD, WARNING, Cell
from ejsync.cli.speaking import Verb, argument, as_json, of_school
from ejsync.domain.batches import BatchState, ItemState
from ejsync.domain.decisions import AtSink, Now, Selection, Standing, at_sink, now
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring

_NOW = {
    Now.UNCHANGED: N_("unchanged"),
    Now.SUPERSEDED: N_("superseded"),
    Now.GONE: N_("gone"),
    Now.CONSENT_ENDED: N_("consent ended"),
}
_THERE = {
    AtSink.THIS: N_("this version"),
    AtSink.OLDER: N_("an older version"),
    AtSink.NEWER: N_("a newer version"),
    AtSink.NOTHING: N_("nothing"),
    AtSink.UNKNOWN: N_("unknown"),
}


@click.command(
    "diff",
    cls=Verb,
    help=N_("Compare what a batch carries with what is known now and with what the diary was last seen to hold."),
    examples=("ejsync batches diff 4f1c", "ejsync batches diff 4f1c --json"),
)
@argument("batch", metavar=N_("BATCH"))
@of_school
@as_json
@pass_desk
def diff(desk: Desk, *, batch: str, school: str | None, as_json: bool) -> None:
    """Print each item with its versions."""
    with desk.exchange() as exchange:
        wiring, row = locate(exchange, school, batch)
        with exchange.store.read(wiring.school) as tx:
            standings = list(tx.decisions.standings(Selection(batch=row.batch)))
        standings += _held(exchange, wiring, row.batch) if row.state is BatchState.HELD else []
    if as_json:
        showing.document({"batch": row.batch, "sink": row.sink, "state": row.state, "items": [*map(_told, standings)]})
        return
    heads = (
        N_("Operation"), N_("Kind"), N_("State"), N_("Carried"), N_("Known now"), N_("Journal"), N_("Diary"), N_("Key"),
    )  # fmt: skip
    showing.table([say(head) for head in heads], [_line(one) for one in standings])
    if not standings:
        showing.line(say(N_("None.")))


def _held(exchange: "Exchange", wiring: "Wiring", hold: str) -> list[Standing]:
    """Return what waits in a held batch as it stands now: it was never packed into items."""
    from ejsync.pipeline.gate import gate_in_effect

    with exchange.store.read(wiring.school) as tx:
        row, entries = tx.batches.get(hold), tx.outbox.held_entries(hold)
        keys = [(entry.kind, entry.key) for entry in entries]
        known, there = tx.records.known_keys(keys), tx.outbox.delivered(row.sink, keys)
        gate = gate_in_effect(tx, (entry.pupil for entry in entries))
    return [
        Standing(
            batch=hold, sink=row.sink, position=position, op=entry.op, kind=entry.kind, key=entry.key,
            version=entry.version, fingerprint=entry.fingerprint, state=ItemState.WAITING, reason=None,
            known=known[key].version, gone=known[key].gone, allowed=gate.lets_pass(entry.pupil),
            hold=hold, waits=entry.version, travels=None, there=there[key].version if key in there else None,
            there_live=key in there and there[key].live, there_content=there[key].fingerprint if key in there else "",
        )
        for position, (entry, key) in enumerate(zip(entries, keys, strict=True))
    ]  # fmt: skip


def _told(one: Standing) -> dict[str, Any]:
    return {
        "position": one.position,
        "op": one.op,
        "kind": one.kind,
        "key": one.key,
        "state": one.state,
        "version": one.version,
        "known_version": one.known,
        "now": now(one),
        "sink_version": one.there,
        "at_sink": at_sink(one),
        "same_content": bool(one.there_content) and one.there_live and one.there_content == one.fingerprint,
    }


def _line(one: Standing) -> list[Cell]:
    stands = now(one)
    style = GOOD if stands is Now.UNCHANGED else WARNING
    told = (say(_NOW[stands]), style)
    return [one.op, word(one.kind), one.state, one.version, one.known or "-", told, say(_THERE[at_sink(one)]), one.key]
