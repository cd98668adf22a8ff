"""`batches replay`: dead letters go again, once their cause is mended: a plan first, then batch by batch."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.batch_by_batch import WHO_SENDS, Done, carry_out, tell_left
from ejsync.cli.batch_choice import Asked, choosing
from ejsync.cli.batch_finding import SHORT_ID, chosen, named
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.glossary import word
from ejsync.cli.next_step import commanded
from ejsync.cli.speaking import Verb, argument, as_json, confirm, confirmed, of_school, option
from ejsync.errors import NotFound
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.decisions import Selection
    from ejsync.domain.standing import BatchRow
    from ejsync.pipeline.ports import Wiring

    Chosen = Sequence[tuple[Wiring, BatchRow]]

LISTED = 20
"""So many batches are told one by one; of more, what came of all of them."""
Place = tuple[str, str, str, str]
"""School, sink, kind and reason of dead letters."""
_FATES = ("sent", "superseded", "withheld", "held")
_HEADS = (N_("To send"), N_("Superseded"), N_("Withheld"), N_("Held"))


@click.command(
    "replay",
    cls=Verb,
    help=N_(
        "Send dead letters again, as new batches, once their cause is mended: those of named batches, or a choice."
    ),
    examples=(
        "ejsync batches replay 4f1c",
        "ejsync batches replay --kind mark --reason unknown_pupil --since 3d --dry-run",
        "ejsync batches replay --all-dead --sink ed --yes",
    ),
)
@argument("batches", metavar=N_("[BATCH]..."), nargs=-1)
@option("--all-dead", is_flag=True, help=N_("Every batch with dead letters."))
@choosing
@option("--dry-run", is_flag=True, help=N_("Show the plan only."))
@confirmed
@of_school
@as_json
@pass_desk
def replay(
    desk: Desk, /, *, batches: tuple[str, ...], school: str | None, yes: bool, as_json: bool, **options: Any
) -> int | None:
    """Plan, ask, and make the replays; the daemon, or the next `sync`, sends them."""
    all_dead, dry_run = options.pop("all_dead"), options.pop("dry_run")
    asked = Asked(**options)
    if bool(batches) is (all_dead or (asked != Asked() and not batches)):
        raise click.UsageError(say(N_("Name batches, or choose them, or say --all-dead.")))
    with desk.exchange() as exchange:
        found = _found(exchange, school, batches, asked)
        plan = _plan(found, asked, named=bool(batches))
        told = {"batches": len(found), "items": _document(plan)}
        if dry_run or not found:
            _show_plan(told, plan, as_json=as_json)
            return None
        if not as_json:
            _show_plan(told, plan, as_json=False)
        if not confirm(_question(plan, len(found)), yes=yes):
            showing.note(say(N_("Nothing was done.")))
            return None
        done = _replay(found, asked, named=bool(batches))
    _tell(done, told, as_json=as_json)
    more = [*(["--all-dead"] if all_dead else []), *(["--school", school] if school else [])]
    tell_left(done, "replay", asked, named=bool(batches), more=more)
    return done.exit_code


def _found(exchange: "Exchange", school: str | None, batches: Sequence[str], asked: Asked) -> "Chosen":
    """Find what is meant; a diary that is not in the settings any more gets nothing.

    Raises:
        NotFound: a batch that was named, or its diary, is not there.
    """
    if not batches:
        rows = chosen(exchange, school, lambda wiring: replace(asked.within(wiring), dead=True))
        return [(wiring, row) for wiring, row in rows if row.sink in wiring.sinks]
    rows = named(exchange, school, batches)
    for wiring, row in rows:
        if row.sink not in wiring.sinks:
            raise NotFound(what=say(N_("diary")), name=row.sink, listing="ejsync config show")
    return rows


def _plan(found: "Chosen", asked: Asked, *, named: bool) -> "dict[Place, Counter[str]]":
    """Count, by place, what becomes of the dead letters."""
    from ejsync.pipeline.replay import plan

    told: dict[Place, Counter[str]] = {}
    for wiring, selection in _selections(found, asked, named=named):
        for (sink, kind, reason, fate), count in plan(wiring, selection).items():
            if sink in wiring.sinks:
                told.setdefault((wiring.school, sink, kind.value, reason), Counter())[fate.value] += count
    return dict(sorted(told.items()))


def _selections(found: "Chosen", asked: Asked, *, named: bool) -> "Iterable[tuple[Wiring, Selection]]":
    if named:
        return [(wiring, replace(asked.within(wiring), batch=row.batch)) for wiring, row in found]
    return [(wiring, asked.within(wiring)) for wiring in {wiring.school: wiring for wiring, _ in found}.values()]


def _document(plan: "dict[Place, Counter[str]]") -> list[dict[str, Any]]:
    names = ("school", "sink", "kind", "reason")
    counted = [(place, {fate: counts[fate] for fate in _FATES}) for place, counts in plan.items()]
    return [dict(zip(names, place, strict=True)) | counts for place, counts in counted]


def _show_plan(told: dict[str, Any], plan: "dict[Place, Counter[str]]", *, as_json: bool) -> None:
    if as_json:
        showing.document({"ok": True, "dry_run": True, "plan": told, "replays": []})
        return
    if not plan:
        showing.line(say(N_("There was nothing to send again.")))
        return
    showing.line(say(N_("Batches with dead letters: {count}"), count=told["batches"]))
    heads = (N_("School"), N_("Sink"), N_("Kind"), N_("Reason"), *_HEADS)
    rows = [
        [school, sink, word(kind), reason, *(counts[fate] for fate in _FATES)]
        for (school, sink, kind, reason), counts in plan.items()
    ]
    showing.table([say(head) for head in heads], rows, folding=3)


def _question(plan: "dict[Place, Counter[str]]", batches: int) -> str:
    total: Counter[str] = sum(plan.values(), Counter())
    if total["sent"]:
        return say_count("Send {count} dead letter again?", "Send {count} dead letters again?", total["sent"])
    sentence = N_("None needs to be sent. Close the dead letters of {count} batches?")
    return say(sentence, count=batches)


def _replay(found: "Chosen", asked: Asked, *, named: bool) -> Done:
    from ejsync.pipeline.replay import replay as again

    meant = {wiring.school: asked.within(wiring) for wiring, _ in found}
    return carry_out(
        found,
        lambda wiring, row: again(wiring, row.batch, meant[wiring.school]),
        say(N_("sending again")),
        strictly=named,
    )


def _tell(done: Done, told: dict[str, Any], *, as_json: bool) -> None:
    replayed = [one for _, one in done.results]
    if as_json:
        showing.document({**done.document(), "plan": told, "replays": [asdict(one) for one in replayed]})
        return
    if 0 < len(replayed) <= LISTED:
        heads = (N_("Batch"), N_("New batch"), *_HEADS)
        rows = [
            [one.of[:SHORT_ID], (one.batch or "-")[:SHORT_ID], one.sent, one.superseded, one.withheld, one.held]
            for one in replayed
        ]
        showing.table([say(head) for head in heads], rows)
    sent = sum(one.sent for one in replayed)
    if not sent:
        showing.line(say(N_("There was nothing to send again.")))
        return
    of = say_count("{count} dead letter goes again.", "{count} dead letters go again.", sent)
    showing.line(f"{of} {commanded(say(WHO_SENDS))}")
