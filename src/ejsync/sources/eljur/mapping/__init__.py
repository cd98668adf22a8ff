"""Mapping: pure functions from an ElJur answer to records; one file for each thing that is read."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from ejsync.domain.records import Feed
from ejsync.domain.windows import Page, Reading, Roster
from ejsync.sources.eljur.mapping.drift import drift
from ejsync.sources.eljur.mapping.finals import read_finals
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.homework import read_homework
from ejsync.sources.eljur.mapping.marks import read_diary, read_marks
from ejsync.sources.eljur.mapping.periods import read_periods
from ejsync.sources.eljur.mapping.pupil_days import read_pupil_diary, read_pupil_timetable
from ejsync.sources.eljur.mapping.roster import read_roster
from ejsync.sources.eljur.mapping.substitutions import read_substitutions
from ejsync.sources.eljur.mapping.timetable import read_timetable

READERS: Mapping[tuple[Feed, str], Callable[[Findings], None]] = {
    (Feed.ROSTER, "getmessagereceivers"): read_roster,
    (Feed.PERIODS, "getperiods"): read_periods,
    (Feed.TIMETABLE, "getschedule"): read_timetable,
    (Feed.SUBSTITUTIONS, "getreplaces"): read_substitutions,
    (Feed.DIARY, "getdiary"): read_pupil_diary,
    (Feed.DIARY, "getschedule"): read_pupil_timetable,
    (Feed.HOMEWORK, "gethomework"): read_homework,
    (Feed.MARKS, "getmarks"): read_marks,
    (Feed.MARKS, "getdiary"): read_diary,
    (Feed.FINALS, "getfinalassessments"): read_finals,
}
"""Who reads the answer of which method in which feed; no other method is ever called for its data."""


def read(page: Page, roster: Roster) -> Reading:
    """Say what a page means, by the feed it is for and the method that was asked."""
    findings = Findings(page, roster)
    READERS[page.window.feed, page.window.method](findings)
    return replace(findings.reading(), drift=drift(page.window.method, findings.result))
