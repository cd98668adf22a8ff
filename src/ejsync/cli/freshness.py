"""Which promises of freshness are broken, and which soon will be. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ejsync.domain.deadlines import WITHIN, Urgency
from ejsync.domain.records import Feed
from ejsync.errors import SinkAuthFailed
from ejsync.wording import N_, say, say_count

LATE_READS = 3
LONGEST_AWAY_S = 3600
HELD, DEAD, DOCTOR = "ejsync batches list --state held", "ejsync batches list --dead", "ejsync doctor"


@dataclass(frozen=True, slots=True)
class Broken:
    """One promise that is broken, or soon will be, and the command that comes next."""

    school: str
    what: str
    sentence: str
    next_step: str = DOCTOR


def broken_promises(schools: Iterable[Mapping[str, Any]]) -> list[Broken]:
    """Judge the standing of schools, as `status` shows it.

    Broken is a feed that is late or lost its rights, a change or a final result that is later than promised, a sink
    that refuses our credentials, and a host that is away while changes have waited for it for an hour.
    """
    found = []
    for school in schools:
        name = school["school"]
        found += [_late(name, feed) for feed in school["feeds"] if feed["enabled"] and _is_late(feed)]
        found += [_lost(name, feed) for feed in school["feeds"] if feed["enabled"] and feed["lost"]]
        found += [_late_results(name, sink) for sink in school["sinks"] if sink["final_results"]["late"]]
        for sink in school["sinks"]:
            found += [_overdue(name, sink, row) for row in sink["undelivered"] if row["late"] and not _told(sink, row)]
            found += [_refused(name, sink)] if sink["error"] == SinkAuthFailed.code else []
            found += [_away(name, sink)] if sink["breaker"] and (sink["waits_s"] or 0) > LONGEST_AWAY_S else []
    return found


def _is_late(feed: Mapping[str, Any]) -> bool:
    return feed["age_s"] is None or feed["age_s"] > LATE_READS * 60 * feed["every_minutes"]


def _late(school: str, feed: Mapping[str, Any]) -> Broken:
    if feed["age_s"] is None:
        return Broken(school, feed["feed"], say(N_("{school}: {feed} was never read well"), school=school, **feed))
    sentence = N_("{school}: {feed} was last read well {minutes} min ago and is due every {every_minutes} min")
    return Broken(school, feed["feed"], say(sentence, school=school, minutes=int(feed["age_s"] // 60), **feed))


def _lost(school: str, feed: Mapping[str, Any]) -> Broken:
    sentence = N_("{school}: {feed}: rights to read were lost (pupils or classes: {lost}); what families see grows old")
    return Broken(school, feed["feed"], say(sentence, school=school, **feed), "ejsync source coverage")


def _told(sink: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Tell whether the clock of final results says the same already."""
    return row["feed"] == Feed.FINALS and bool(sink["final_results"]["late"])


def _overdue(school: str, sink: Mapping[str, Any], row: Mapping[str, Any]) -> Broken:
    sentence = say_count(
        "{school}: {count} change of {feed} is late for {sink}: {minutes} min old, promised within {promised} min",
        "{school}: {count} changes of {feed} are late for {sink}: {minutes} min old, promised within {promised} min",
        row["late"],
        school=school,
        feed=row["feed"],
        sink=sink["sink"],
        minutes=int(row["oldest_s"] // 60),
        promised=int(row["promised_s"] // 60),
    )
    return Broken(school, sink["sink"], sentence, DEAD if row["refused"] else DOCTOR)


def _refused(school: str, sink: Mapping[str, Any]) -> Broken:
    sentence = N_("{school}: {sink} refuses our credentials ({error})")
    return Broken(school, sink["sink"], say(sentence, school=school, sink=sink["sink"], error=sink["error"]))


def _away(school: str, sink: Mapping[str, Any]) -> Broken:
    sentence = N_("{school}: {host} is away, and changes for {sink} have waited for {minutes} min")
    told = {"host": sink["breaker"]["host"], "sink": sink["sink"], "minutes": int(sink["waits_s"] // 60)}
    return Broken(school, sink["sink"], say(sentence, school=school, **told))


def threatened_promises(schools: Iterable[Mapping[str, Any]]) -> list[Broken]:
    """Name the final results of which half of the time is gone, and those that wait for a person's word."""
    found = []
    for school in schools:
        pressing = [sink for sink in school["sinks"] if sink["final_results"]["urgency"] != Urgency.IN_TIME]
        in_time = [sink for sink in pressing if not sink["final_results"]["late"]]
        found += [_pressing(school["school"], sink) for sink in in_time]
        found += [_unapproved(school["school"], sink) for sink in pressing if sink["final_results"]["held"]]
    return found


def _late_results(school: str, sink: Mapping[str, Any]) -> Broken:
    sentence = say_count(
        "{school}: {count} final result for {sink} is late: families are owed it within {hours} h",
        "{school}: {count} final results for {sink} are late: families are owed them within {hours} h",
        sink["final_results"]["late"],
        school=school,
        sink=sink["sink"],
        hours=int(WITHIN.total_seconds() // 3600),
    )
    return Broken(school, sink["sink"], sentence, HELD if sink["final_results"]["held"] else DOCTOR)


def _pressing(school: str, sink: Mapping[str, Any]) -> Broken:
    minutes = int(sink["final_results"]["left_s"] // 60)
    sentence = say_count(
        "{school}: {count} final result waits for {sink}; {hours} h {minutes} min left",
        "{school}: {count} final results wait for {sink}; {hours} h {minutes} min left for the oldest",
        sink["final_results"]["waiting"],
        school=school,
        sink=sink["sink"],
        hours=minutes // 60,
        minutes=minutes % 60,
    )
    return Broken(school, sink["sink"], sentence)


def _unapproved(school: str, sink: Mapping[str, Any]) -> Broken:
    sentence = say_count(
        "{school}: {count} final result for {sink} is held for approval: ejsync batches list --state held",
        "{school}: {count} final results for {sink} are held for approval: ejsync batches list --state held",
        sink["final_results"]["held"],
        school=school,
        sink=sink["sink"],
    )
    return Broken(school, sink["sink"], sentence, HELD)
