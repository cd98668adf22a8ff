"""Which promises of freshness are broken. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ejsync.wording import N_, say

LATE_READS = 3
LONGEST_WAIT_S = 3600


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken promise."""

    school: str
    what: str
    sentence: str


def broken_promises(schools: Iterable[Mapping[str, Any]]) -> list[Broken]:
    """Judge the standing of schools, as `status` shows it: late feeds, and changes that wait for too long."""
    found = []
    for school in schools:
        name = school["school"]
        found += [_late(name, feed) for feed in school["feeds"] if feed["enabled"] and _is_late(feed)]
        found += [_stuck(name, sink) for sink in school["sinks"] if (sink["waits_s"] or 0) > LONGEST_WAIT_S]
    return found


def _is_late(feed: Mapping[str, Any]) -> bool:
    return feed["age_s"] is None or feed["age_s"] > LATE_READS * 60 * feed["every_minutes"]


def _late(school: str, feed: Mapping[str, Any]) -> Broken:
    if feed["age_s"] is None:
        return Broken(school, feed["feed"], say(N_("{school}: {feed} was never read well"), school=school, **feed))
    sentence = N_("{school}: {feed} was last read well {minutes} min ago and is due every {every_minutes} min")
    return Broken(school, feed["feed"], say(sentence, school=school, minutes=int(feed["age_s"] // 60), **feed))


def _stuck(school: str, sink: Mapping[str, Any]) -> Broken:
    sentence = N_("{school}: changes for {sink} have waited for {minutes} min")
    minutes = int(sink["waits_s"] // 60)
    return Broken(school, sink["sink"], say(sentence, school=school, sink=sink["sink"], minutes=minutes))
