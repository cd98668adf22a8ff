"""How a cycle looks: a table of feeds, a table of sinks, or what a rehearsal would have sent."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ejsync.cli import showing
from ejsync.cli.next_step import commanded
from ejsync.cli.showing import BAD, GOOD, WARNING, Cell
from ejsync.wording import N_, say, say_count

_FEED_HEADS = (
    N_("Feed"), N_("Reads"), N_("New"), N_("Changed"), N_("Gone"), N_("Same"), N_("Withheld"), N_("Broken"), N_("Held"),
    N_("Errors"),
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
        zone = ZoneInfo(school["timezone"])
        rows = [[row["sink"], row["batches"], *_cells(row), _until(row, zone)] for row in school["sinks"]]
        showing.table([say(head) for head in _SINK_HEADS], rows)
        _show_waits(school["sinks"], zone)
    _show_steps(school)


def _cells(row: Mapping[str, Any]) -> list[Cell]:
    return [_cell({**row, "failed": len(row["errors"])}, name) for name in ("delivered", "dead", "failed")]


def _until(row: Mapping[str, Any], zone: ZoneInfo) -> str:
    return showing.local(row["waits_until"], zone)


def _show_waits(sinks: list[Mapping[str, Any]], zone: ZoneInfo) -> None:
    """Say until when a round waits and because of which error."""
    for row in sinks:
        if row["waits_until"]:
            sentence = N_("{sink}: waits until {until} ({zone}) after the error {error}")
            told = {
                "sink": row["sink"],
                "until": _until(row, zone),
                "zone": zone.key,
                "error": row["last_error"] or "-",
            }
            showing.line(say(sentence, **told), WARNING)


def _show_steps(school: Mapping[str, Any]) -> None:
    """Name the command for each thing that waits for a person."""
    rehearsed, feeds = "would_send" in school, school["feeds"]
    steps = []
    if any(row["quarantined"] for row in feeds) and not rehearsed:
        steps.append("ejsync quarantine list")
    if any(row["dead"] for row in school.get("sinks", ())):
        steps.append("ejsync batches list --state dead")
    if any(row["held"] for row in feeds) and not rehearsed:
        steps.append("ejsync batches list --state held")
    if any(row["withheld"] for row in feeds) and not school.get("decisions"):
        steps.append("ejsync consent import FILE.csv")
    for step in steps:
        showing.line(f"→ {commanded(step)}")


def _show_rehearsal(rows: list[Mapping[str, Any]]) -> None:
    showing.line(say(N_("This was a rehearsal: nothing was kept and nothing was sent. A real cycle would send:")))
    if not rows:
        showing.line("  " + say(N_("nothing: the diary has it all")))
        return
    heads = [say(head) for head in (N_("Sink"), N_("Operation"), N_("Kind"), N_("Records"), N_("Held"))]
    cells = [[row["sink"], row["op"], row["kind"], row["records"], _cell(row, "held")] for row in rows]
    showing.table(heads, cells)
    if held := sum(row["held"] for row in rows):
        one, many = "{count} change would be held for approval", "{count} changes would be held for approval"
        showing.line(say_count(one, many, held), WARNING)
