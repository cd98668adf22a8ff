"""Mapping: pure functions from an ElJur answer to records; one file for each thing that is read."""

from collections.abc import Callable, Mapping

from ejsync.domain.windows import Page, Reading, Roster
from ejsync.sources.eljur.mapping.finals import read_finals
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.homework import read_homework
from ejsync.sources.eljur.mapping.marks import read_diary, read_marks
from ejsync.sources.eljur.mapping.periods import read_periods
from ejsync.sources.eljur.mapping.roster import read_roster
from ejsync.sources.eljur.mapping.timetable import read_timetable

READERS: Mapping[str, Callable[[Findings], None]] = {
    "getmessagereceivers": read_roster,
    "getperiods": read_periods,
    "getschedule": read_timetable,
    "gethomework": read_homework,
    "getmarks": read_marks,
    "getdiary": read_diary,
    "getfinalassessments": read_finals,
}
"""Who reads the answer of which method; no other method is ever called for its data."""


def read(page: Page, roster: Roster) -> Reading:
    """Say what a page means, by the method that was asked."""
    findings = Findings(page, roster)
    READERS[page.window.method](findings)
    return findings.reading()
