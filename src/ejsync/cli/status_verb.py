"""`status`: how everything stands, on one screen; `--check` says whether the promises are kept."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.freshness import Broken, broken_promises, threatened_promises
from ejsync.cli.next_step import commanded
from ejsync.cli.showing import BAD, GOOD, QUIET, WARNING, Cell
from ejsync.cli.speaking import Verb, as_json, of_school, option
from ejsync.domain.deadlines import Urgency
from ejsync.errors import Exit, SinkRefusesCertificate, SinkUntrusted, SourceRefusesCertificate, SourceUntrusted
from ejsync.wording import N_, say

_FEED_HEADS = (
    N_("Feed"), N_("Age"), N_("Error"), N_("50 %"), N_("95 %"), N_("At most"), N_("Worst"), N_("Nobody may read"),
)  # fmt: skip
_SINK_HEADS = (
    N_("Sink"), N_("Waiting"), N_("Oldest"), N_("Held"), N_("Batches"),
    N_("Next try"), N_("Last delivery"), N_("Error"),
)  # fmt: skip
_LATE_HEADS = (N_("Late"), N_("Sink"), N_("Count"), N_("Refused"), N_("Oldest seen"), N_("Promised in"))
_DIFFER = ("missing", "unknown", "differs", "unreadable")
_DAY_S = 86_400
_OF_CERTIFICATES = {
    kind.code for kind in (SourceUntrusted, SourceRefusesCertificate, SinkUntrusted, SinkRefusesCertificate)
}
_LARGER_S = {1: 60, 60: 3600, 3600: _DAY_S}
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
    help=N_("Exit 6 if a feed or a change is later than promised, or a diary does not take anything."),
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
    _table(_FEED_HEADS, [_feed_row(feed) for feed in feeds])
    showing.line(say(N_("Delays: seen to delivered, 7 days and today; at most: since the read before.")), QUIET)
    showing.line()
    _table(_SINK_HEADS, [_sink_row(sink, zone) for sink in sinks])
    for sink in sinks:
        _show_breaker(sink, zone)
    _show_certificates({row["error"] for row in (*feeds, *sinks)})
    showing.line()
    late = [_late_row(sink, row, zone) for sink in sinks for row in sink["undelivered"] if row["late"]]
    if late:
        _table(_LATE_HEADS, late)
        showing.line()
    heads: tuple[str, ...]
    heads = (N_("Final results"), N_("Waiting"), N_("Held"), N_("Oldest seen"), N_("Time left"))
    showing.table([say(head) for head in heads], [_clock_row(sink, zone) for sink in sinks])
    showing.line()
    rows = [row for row in (*_waiting_rows(standing), *_compared_rows(sinks, zone)) if row[1] or not row[2]]
    showing.table([say(N_("Also")), say(N_("Count")), say(N_("What to do"))], rows)


def _table(heads: tuple[str, ...], rows: list[list[Cell]]) -> None:
    showing.table([say(head) for head in heads], rows)


def _feed_row(feed: Mapping[str, Any]) -> list[Cell]:
    name = feed["feed"] if feed["enabled"] else say(N_("{feed} (off)"), feed=feed["feed"])
    delay = feed["delay_7_days"]
    return [
        name,
        showing.age(feed["age_s"]),
        (feed["error"] or "-", BAD if feed["error"] else ""),
        *(_lasting(delay[name]) for name in ("p50_s", "p95_s", "p95_at_most_s", "worst_s")),
        (showing.pairs(feed["uncovered"]) or "-", BAD if feed["lost"] else ""),
    ]


def _sink_row(sink: Mapping[str, Any], zone: ZoneInfo) -> list[Cell]:
    return [
        sink["sink"],
        sink["waiting"],
        showing.age(sink["waits_s"]),
        (sink["held"], WARNING if sink["held"] else ""),
        sink["open_batches"],
        showing.local(sink["next_try"], zone),
        showing.local(sink["delivered_at"], zone),
        (sink["error"] or "-", BAD if sink["error"] else ""),
    ]


def _lasting(seconds: float | None) -> str:
    """Write how long something took, finer than an age: up to two of a unit in the smaller one."""
    if seconds is None:
        return "-"
    for sentence, unit_s in ((N_("{count} s"), 1), (N_("{count} min"), 60), (N_("{count} h"), 3600)):
        if seconds < 2 * _LARGER_S[unit_s]:
            return say(sentence, count=round(seconds / unit_s))
    return say(N_("{count} d"), count=round(seconds / _DAY_S))


def _show_breaker(sink: Mapping[str, Any], zone: ZoneInfo) -> None:
    """Say that a sink's host is away, since when, and when it is asked next."""
    breaker = sink["breaker"]
    if breaker:
        sentence = N_("{sink}: {host} is away ({error}) since {since}; next asked at {next_probe}")
        moments = {name: showing.local(breaker[name], zone) for name in ("since", "next_probe")}
        told = {"sink": sink["sink"], "host": breaker["host"], "error": breaker["error"] or "-", **moments}
        showing.line(say(sentence, **told), BAD)


def _show_certificates(codes: set[str | None]) -> None:
    """Say that waiting does not help, and who says what does."""
    sentence = N_("{code}: a certificate is not accepted, and waiting does not help; what to do says: {command}")
    for code in sorted(_OF_CERTIFICATES & codes):
        showing.line(say(sentence, code=code, command=commanded("ejsync doctor")), BAD)


def _late_row(sink: Mapping[str, Any], row: Mapping[str, Any], zone: ZoneInfo) -> list[Cell]:
    since, promised = showing.local(row["since"], zone), _lasting(row["promised_s"])
    return [(row["feed"], BAD), sink["sink"], row["late"], row["refused"], since, promised]


def _compared_rows(sinks: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> list[list[Any]]:
    """Say what the last comparison with each sink found, where there was one."""
    rows = []
    for sink in (one for one in sinks if one["comparison"]):
        compared = sink["comparison"]
        differ = sum(compared["counts"].get(name, 0) for name in _DIFFER)
        at = showing.local(compared["at"], zone)
        head = say(N_("Differences at {sink}, compared {moment}"), sink=sink["sink"], moment=at)
        if compared["error"]:
            differ = compared["error"]
        rows.append([head, differ, "ejsync reconcile" if differ else ""])
    return rows


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
        [say(N_("Diaries to compare anew")), sum(sink["in_doubt"] for sink in standing["sinks"]), "ejsync db check"],
        [say(N_("Past their time")), sum(standing["past_their_time"].values()), "ejsync run"],
        [say(N_("Erasures under way")), standing["erasures_under_way"], "ejsync run"],
        [say(N_("Audit entries")), standing["audit_entries"], ""],
    ]


def _told(promises: list[Broken]) -> list[dict[str, str]]:
    return [
        {"school": one.school, "what": one.what, "sentence": one.sentence, "next_step": commanded(one.next_step)}
        for one in promises
    ]


def _show_check(broken: list[Broken], threatened: list[Broken]) -> None:
    showing.line()
    for one in threatened:
        showing.line(one.sentence, WARNING)
    if not broken:
        showing.line(say(N_("All promises of freshness are kept.")), GOOD)
    for one in broken:
        showing.line(one.sentence, BAD)
    for command in dict.fromkeys(one.next_step for one in (*broken, *threatened)):
        showing.line(f"→ {commanded(command)}")
