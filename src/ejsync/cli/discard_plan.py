"""What would be given up, batch by batch, before anybody is asked."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.batch_choice import Asked
from ejsync.cli.glossary import word
from ejsync.domain.batches import BatchState, ItemState
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.decisions import Selection
    from ejsync.domain.standing import BatchRow
    from ejsync.pipeline.ports import Wiring

    Chosen = Sequence[tuple[Wiring, BatchRow]]

LISTED = 20
"""So many batches are asked about one by one; of more, all together."""
_WORDS = {"held": N_("held changes"), "stuck": N_("waiting after a failure"), "dead": N_("dead letters")}
_WHOLE = {BatchState.HELD, BatchState.PENDING}


@dataclass(frozen=True, slots=True)
class Part:
    """What of one batch would be given up: `what` it is, and how many items by kind and reason."""

    what: str
    items: Mapping[tuple[str, str], int]

    @property
    def count(self) -> int:
        """Count the items."""
        return sum(self.items.values())


def discardable(asked: Asked) -> "Callable[[Wiring], Selection]":
    """Choose dead letters; what is held or waits only where it is asked for by its state."""
    whole = any(BatchState(state) in _WHOLE for state in asked.states)
    return lambda wiring: replace(asked.within(wiring), dead=not whole)


def part(exchange: "Exchange", wiring: "Wiring", row: "BatchRow", asked: Asked) -> Part | None:
    """Return what of a batch would be given up: all of what is held or waits, the chosen dead letters; or None."""
    from ejsync.pipeline.replay import stuck

    with exchange.store.read(wiring.school) as tx:
        if row.state is BatchState.HELD:
            entries = tx.outbox.held_entries(row.batch)
            return Part("held", Counter((entry.kind.value, place_of(row.reason)) for entry in entries))
        if stuck(row):
            items = tx.batches.items(row.batch)
            return Part("stuck", Counter((item.kind.value, row.last_error or "") for item in items))
        dead = replace(asked.within(wiring), batch=row.batch, states=(), items=(ItemState.DEAD,))
        counts = Counter((one.kind.value, one.reason or "") for one in tx.decisions.standings(dead))
    return Part("dead", counts) if counts else None


def place_of(reason: str) -> str:
    """Name what was read when a mass was found: feed, class and days, out of the held batch's reason."""
    label = reason.rpartition(": ")[0] or reason
    feed, _, rest = label.partition("/")
    scope, _, days = rest.partition("/")[2].rpartition("/")
    feed = word(feed)
    return f"{feed} {scope}, {days}" if scope and ".." in days else f"{feed} {rest.partition('/')[2]}".strip()


def questions(found: "Chosen", plan: Mapping[str, Part]) -> list[str]:
    """Ask with the consequence: of a few batches one by one."""
    if len(found) <= LISTED:
        return [_question(row, plan[row.batch]) for _, row in found]
    items = sum(plan[row.batch].count for _, row in found)
    asked = say_count(
        "Give up {count} item of {batches} batches?",
        "Give up {count} items of {batches} batches?",
        items,
        batches=len(found),
    )
    stuck = any(plan[row.batch].what == "stuck" for _, row in found)
    return [f"{asked} {say(_MAY_HOLD) if stuck else say(N_('The diaries keep what they have.'))}"]


_MAY_HOLD = N_("Whether a diary has what was tried, nobody knows; later changes of it are sent.")


def _question(row: "BatchRow", of: Part) -> str:
    if of.what == "held":
        return say_count(
            "Give up {count} held change ({where})? The diary “{sink}” keeps what it has.",
            "Give up {count} held changes ({where})? The diary “{sink}” keeps what it has.",
            of.count,
            sink=row.sink,
            where=place_of(row.reason),
        )
    if of.what == "stuck":
        asked = say_count(
            "Give up {count} item that was tried {tries} times for the diary “{sink}” ({error})?",
            "Give up {count} items that were tried {tries} times for the diary “{sink}” ({error})?",
            of.count,
            sink=row.sink,
            tries=row.attempts,
            error=row.last_error or "-",
        )
        return f"{asked} {say(_MAY_HOLD)}"
    return say_count(
        "Give up {count} dead letter? The diary “{sink}” keeps what it has.",
        "Give up {count} dead letters? The diary “{sink}” keeps what it has.",
        of.count,
        sink=row.sink,
    )


def summed(found: "Chosen", plan: Mapping[str, Part]) -> list[dict[str, Any]]:
    """Add up what would be given up, by school, sink, what it is, kind and reason."""
    total: Counter[tuple[str, ...]] = Counter()
    for wiring, row in found:
        of = plan[row.batch]
        for (kind, reason), count in of.items.items():
            total[wiring.school, row.sink, of.what, kind, reason] += count
    names = ("school", "sink", "what", "kind", "reason")
    return [dict(zip(names, place, strict=True)) | {"items": count} for place, count in sorted(total.items())]


def show(lines: Sequence[Mapping[str, Any]], batches: int) -> None:
    """Print the plan."""
    if not lines:
        showing.line(say(N_("There is nothing to give up.")))
        return
    showing.line(say(N_("Batches: {count}"), count=batches))
    heads = (N_("School"), N_("Sink"), N_("What"), N_("Kind"), N_("Reason"), N_("Items"))
    rows = [
        [line["school"], line["sink"], say(words), word(line["kind"]), line["reason"], line["items"]]
        for line, words in ((line, _WORDS[line["what"]]) for line in lines)
    ]
    showing.table([say(head) for head in heads], rows, folding=4)
