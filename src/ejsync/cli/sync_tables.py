"""How a cycle looks: a table of feeds, a table of sinks, or what a rehearsal would have sent."""

from collections.abc import Mapping
from typing import Any

from ejsync.cli import showing
from ejsync.cli.showing import BAD, GOOD, WARNING, Cell
from ejsync.wording import N_, say

_FEED_HEADS = (
    N_("Feed"), N_("Reads"), N_("New"), N_("Changed"), N_("Gone"), N_("Same"), N_("Withheld"),
    N_("Broken"), N_("Held"), N_("Errors"),
)  # fmt: skip
_FEED_CELLS = (
    "feed", "windows", "created", "updated", "retracted", "unchanged", "withheld", "quarantined", "held", "failed",
)  # fmt: skip
_SINK_HEADS = (N_("Sink"), N_("Batches"), N_("Delivered"), N_("Dead"), N_("Errors"), N_("Next try"))
_STYLES = {"withheld": WARNING, "quarantined": BAD, "held": WARNING, "failed": BAD, "dead": BAD, "delivered": GOOD}


def _cell(row: Mapping[str, Any], name: str) -> Cell:
    value = row[name]
    return (value, _STYLES[name]) if value and name in _STYLES else value


def show_cycle(school: Mapping[str, Any]) -> None:
    """Print what one cycle did for one school."""
    showing.heading(say(N_("School {school}"), school=school["school"]))
    showing.table(
        [say(head) for head in _FEED_HEADS], [[_cell(row, name) for name in _FEED_CELLS] for row in school["feeds"]]
    )
    for row in school["feeds"]:
        if row["uncovered"]:
            sentence = N_("{feed}: no account may read {what} (pupils)")
            showing.line(say(sentence, feed=row["feed"], what=showing.pairs(row["uncovered"])), WARNING)
    showing.line()
    if "would_send" in school:
        _show_rehearsal(school["would_send"])
    else:
        rows = [[row["sink"], row["batches"], *_cells(row), _instant(row)] for row in school["sinks"]]
        showing.table([say(head) for head in _SINK_HEADS], rows)


def _cells(row: Mapping[str, Any]) -> list[Cell]:
    return [_cell({**row, "failed": len(row["errors"])}, name) for name in ("delivered", "dead", "failed")]


def _instant(row: Mapping[str, Any]) -> str:
    until = row["waits_until"]
    return until.astimezone().strftime("%Y-%m-%d %H:%M") if until else "-"


def _show_rehearsal(rows: list[Mapping[str, Any]]) -> None:
    showing.line(say(N_("This was a rehearsal: nothing was kept and nothing was sent. A real cycle would send:")))
    if not rows:
        showing.line("  " + say(N_("nothing: the diary has it all")))
        return
    heads = [say(N_("Sink")), say(N_("Operation")), say(N_("Kind")), say(N_("Records"))]
    showing.table(heads, [[row["sink"], row["op"], row["kind"], row["records"]] for row in rows])
