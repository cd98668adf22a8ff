"""`status`: how everything stands, on one screen; `--check` says whether the promises are kept."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.freshness import Broken, broken_promises, threatened_promises
from ejsync.cli.showing import BAD, GOOD, WARNING, Cell
from ejsync.cli.speaking import Verb, as_json, of_school, option
from ejsync.domain.deadlines import Urgency
from ejsync.errors import Exit
from ejsync.wording import N_, say

_STYLES = {Urgency.IN_TIME: "", Urgency.PRESSING: WARNING, Urgency.LATE: BAD}


@click.command(
    "status",
    cls=Verb,
    help=N_("Show how everything stands: feeds, diaries, and what waits for somebody."),
    examples=("ejsync status", "ejsync status --check", "ejsync status --school lyceum --json"),
)
@option(
    "--check",
    is_flag=True,
    help=N_("Exit 6 if a feed or a final result is late, or a change has waited for over an hour."),
)
@of_school
@as_json
@pass_desk
def status(desk: Desk, *, check: bool, school: str | None, as_json: bool) -> int:
    """Gather, show, judge."""
    from ejsync.cli.standing_of import school_standing

    with desk.exchange() as exchange:
        wirings = exchange.school(school)
        schools = [school_standing(exchange, wiring) for wiring in wirings]
    broken, threatened = (broken_promises(schools), threatened_promises(schools)) if check else ([], [])
    if as_json:
        judged = {"broken": _told(broken), "warnings": _told(threatened)} if check else {}
        showing.document({"ok": not broken, "schools": schools, **judged})
    else:
        for wiring, standing in zip(wirings, schools, strict=True):
            _show(standing, wiring.zone)
        if check:
            _show_check(broken, threatened)
    return Exit.STALE if broken else Exit.WELL


def _show(standing: Mapping[str, Any], zone: ZoneInfo) -> None:
    showing.heading(say(N_("School {school}"), school=standing["school"]))
    feeds, sinks = standing["feeds"], standing["sinks"]
    heads: tuple[str, ...] = (N_("Feed"), N_("Last good read"), N_("Age"), N_("Error"), N_("No account may read"))
    showing.table([say(head) for head in heads], [_feed_row(feed, zone) for feed in feeds])
    showing.line()
    heads = (N_("Sink"), N_("Waiting"), N_("Held"), N_("Batches"), N_("Next try"), N_("Last delivery"), N_("Error"))
    showing.table([say(head) for head in heads], [_sink_row(sink, zone) for sink in sinks])
    showing.line()
    heads = (N_("Final results"), N_("Waiting"), N_("Held"), N_("Oldest seen"), N_("Time left"))
    showing.table([say(head) for head in heads], [_clock_row(sink, zone) for sink in sinks])
    showing.line()
    rows = [row for row in _waiting_rows(standing) if row[1] or not row[2]]
    showing.table([say(N_("Also")), say(N_("Count")), say(N_("What to do"))], rows)


def _feed_row(feed: Mapping[str, Any], zone: ZoneInfo) -> list[Cell]:
    name = feed["feed"] if feed["enabled"] else say(N_("{feed} (off)"), feed=feed["feed"])
    return [
        name,
        showing.local(feed["read_at"], zone),
        showing.age(feed["age_s"]),
        (feed["error"] or "-", BAD if feed["error"] else ""),
        (showing.pairs(feed["uncovered"]) or "-", BAD if feed["lost"] else ""),
    ]


def _sink_row(sink: Mapping[str, Any], zone: ZoneInfo) -> list[Cell]:
    return [
        sink["sink"],
        sink["waiting"],
        (sink["held"], WARNING if sink["held"] else ""),
        sink["open_batches"],
        showing.local(sink["next_try"], zone),
        showing.local(sink["delivered_at"], zone),
        (sink["error"] or "-", BAD if sink["error"] else ""),
    ]


def _clock_row(sink: Mapping[str, Any], zone: ZoneInfo) -> list[Cell]:
    """Show how long the final results of a sink still have of the hours within which families are owed them."""
    owed = sink["final_results"]
    left: tuple[str, str] = (showing.age(owed["left_s"]), _STYLES[owed["urgency"]])
    if owed["late"]:
        left = (say(N_("late since {moment}"), moment=showing.local(owed["due_at"], zone)), BAD)
    held = (owed["held"], WARNING if owed["held"] else "")
    return [sink["sink"], owed["waiting"], held, showing.local(owed["since"], zone), left]


def _waiting_rows(standing: Mapping[str, Any]) -> list[list[Any]]:
    withheld = standing["withheld"]
    held = len(standing["held_batches"])
    return [
        [say(N_("Records known")), sum(standing["records"].values()), ""],
        [say(N_("Held batches")), held, "ejsync batches list --state held"],
        [say(N_("Dead letters")), standing["dead_letters"], "ejsync batches list --dead"],
        [say(N_("In quarantine")), standing["quarantined"], "ejsync quarantine list"],
        [say(N_("Records without consent")), withheld["records"], "ejsync consent list"],
        [say(N_("Pupils without consent")), withheld["pupils"], "ejsync consent list"],
        [say(N_("Reads lost with rights")), sum(feed["lost"] for feed in standing["feeds"]), "ejsync source coverage"],
        [say(N_("Ordered reads under way")), len(standing["ordered"]), "ejsync plan"],
        [say(N_("Audit entries")), standing["audit_entries"], ""],
    ]


def _told(promises: list[Broken]) -> list[dict[str, str]]:
    return [{"school": one.school, "what": one.what, "sentence": one.sentence} for one in promises]


def _show_check(broken: list[Broken], threatened: list[Broken]) -> None:
    showing.line()
    for one in threatened:
        showing.line(one.sentence, WARNING)
    if not broken:
        showing.line(say(N_("All promises of freshness are kept.")), GOOD)
    for one in broken:
        showing.line(one.sentence, BAD)
