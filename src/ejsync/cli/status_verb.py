"""`status`: how everything stands, on one screen; `--check` says whether the promises are kept."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.freshness import Broken, broken_promises
from ejsync.cli.showing import BAD, GOOD, WARNING, Cell
from ejsync.cli.speaking import Verb, as_json, of_school, option
from ejsync.errors import Exit
from ejsync.wording import N_, say


@click.command(
    "status",
    cls=Verb,
    help=N_("Show how everything stands: feeds, diaries, and what waits for somebody."),
    examples=("ejsync status", "ejsync status --check", "ejsync status --school lyceum --json"),
)
@option("--check", is_flag=True, help=N_("Exit 6 if a feed is late or a change has waited for over an hour."))
@of_school
@as_json
@pass_desk
def status(desk: Desk, *, check: bool, school: str | None, as_json: bool) -> int:
    """Gather, show, judge."""
    from ejsync.cli.standing_of import school_standing

    with desk.exchange() as exchange:
        wirings = exchange.school(school)
        schools = [school_standing(exchange, wiring) for wiring in wirings]
    broken = broken_promises(schools) if check else []
    if as_json:
        late = [{"school": one.school, "what": one.what, "sentence": one.sentence} for one in broken]
        showing.document({"ok": not broken, "schools": schools, **({"broken": late} if check else {})})
    else:
        for wiring, standing in zip(wirings, schools, strict=True):
            _show(standing, wiring.zone)
        _show_check(broken, check=check)
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
    rows = [row for row in _waiting_rows(standing) if row[1] or not row[2]]
    showing.table([say(N_("Also")), say(N_("Count")), say(N_("What to do"))], rows)


def _feed_row(feed: Mapping[str, Any], zone: ZoneInfo) -> list[Cell]:
    name = feed["feed"] if feed["enabled"] else say(N_("{feed} (off)"), feed=feed["feed"])
    return [
        name,
        showing.local(feed["read_at"], zone),
        showing.age(feed["age_s"]),
        (feed["error"] or "-", BAD if feed["error"] else ""),
        showing.pairs(feed["uncovered"]) or "-",
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
        [say(N_("Audit entries")), standing["audit_entries"], ""],
    ]


def _show_check(broken: list[Broken], *, check: bool) -> None:
    if not check:
        return
    showing.line()
    if not broken:
        showing.line(say(N_("All promises of freshness are kept.")), GOOD)
    for one in broken:
        showing.line(one.sentence, BAD)
