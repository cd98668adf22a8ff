"""The whole of ElJur's side over HTTP: a simulated journal in a process of its own, every feed of it read."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from html import unescape
from random import Random
from zoneinfo import ZoneInfo

import httpx
import pytest

from ejsync.contracts import Contracts
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.records import ASKED, UNDATED, Feed, Kind
from ejsync.domain.windows import Days, Due, Heat, Roster
from ejsync.errors import SourceAuthFailed
from ejsync.pipeline.ports import Surroundings
from ejsync.sources import EljurConfig, open_source
from ejsync.transport import Limits
from tests.doubles.memory import DictMemory

pytestmark = pytest.mark.slow

YEAR = Days(date(2026, 9, 1), date(2027, 5, 31))
PROGRAM = """
from datetime import date
from ejsync.sandbox.journal import run_journal
run_journal(host="127.0.0.1", port=0, pupils=60, seed=11, today=date(2026, 11, 16))
"""


class StillClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.elapsed_s = 0.0

    def now(self):
        """Return an instant."""
        return datetime(2026, 11, 16, tzinfo=UTC)

    def monotonic(self):
        """Return what was slept."""
        return self.elapsed_s

    def sleep(self, seconds):
        """Let time pass."""
        self.elapsed_s += seconds


@pytest.fixture(scope="module")
def journal():
    """A simulated journal of 60 pupils, and what it announced."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture(autouse=True)
def _without_faults(journal):
    """No test sees the faults of another."""
    httpx.delete(journal["control"] + "/faults")


@pytest.fixture
def opened(journal, monkeypatch):
    """Open the journal with some of its accounts."""
    sources = []

    def make(*, only=None, prefix="/apiv3", **more):
        monkeypatch.setenv("DEVKEY", journal["devkey"])
        accounts = [account for account in journal["accounts"] if only is None or account["name"] in only]
        for number, account in enumerate(accounts):
            monkeypatch.setenv(f"PASSWORD_{number}", account["password"])
        config = EljurConfig.model_validate(
            {
                "type": "eljur",
                "base_url": journal["base_url"] + prefix,
                "vendor": journal["vendor"],
                "devkey": "env:DEVKEY",
                "accounts": [
                    {"name": account["name"], "login": account["login"], "password": f"env:PASSWORD_{number}"}
                    for number, account in enumerate(accounts)
                ],
                **more,
            }
        )
        digest = Keyring.from_master(b"k" * 32).fingerprint
        around = Surroundings(StillClock(), Random(1), Contracts(), digest, DictMemory(), ZoneInfo("Europe/Moscow"))
        sources.append(open_source(config, around, Limits()))
        return sources[-1]

    yield make
    for source in sources:
        source.close()


def due(feed):
    """The year is due of everyone."""
    return lambda _owner: (Due(Heat.HOT, None if feed in UNDATED else YEAR),)


def cleaned(name):
    """A name as people read it."""
    return " ".join(unescape(name).split())


def state(journal):
    """The journal as flat lists of raw facts."""
    return httpx.get(journal["control"] + "/state").json()


def order(journal, **fault):
    """Order a fault."""
    assert httpx.post(journal["control"] + "/faults", json=fault).status_code == 200


def read_feed(source, feed, roster):
    """Every record of a feed."""
    windows = source.plan(feed, due(feed), roster).windows
    return [record for window in windows for record in source.read(source.fetch(window), roster).records]


def read_roster(source):
    """The roster, from its own records."""
    pupils = [record for record in read_feed(source, Feed.ROSTER, Roster({})) if record.kind is Kind.PUPIL]
    classes = {}
    for pupil in pupils:
        classes.setdefault(pupil.data["class"], []).append(pupil.key)
    return Roster({name: tuple(sorted(ids)) for name, ids in sorted(classes.items())})


def test_everything_in_the_journal_arrives(journal, opened):
    """Every fact of a 60-pupil school comes out as one valid record of its kind, and nothing else does."""
    source, facts, contracts = opened(), state(journal), Contracts()
    roster = read_roster(source)
    records = [record for feed in ASKED for record in read_feed(source, feed, roster)]
    values = Counter(
        "phantom" if not mark["value"] else "absence" if mark["value"].casefold() in {"н", "оп"} else "mark"
        for mark in facts["marks"]
    )
    assert Counter(record.kind for record in records) == {
        Kind.SCHOOL_CLASS: len(facts["classes"]),
        Kind.TEACHER: len(facts["teachers"]),
        Kind.PUPIL: len(facts["pupils"]),
        Kind.PERIOD: len(facts["periods"]),
        Kind.CALENDAR_DAY: len(facts["days"]),
        Kind.LESSON: len(facts["lessons"]) + len(facts["extday"]),
        Kind.LESSON_CHANGE: sum(lesson["replaced"] for lesson in facts["lessons"]),
        Kind.CONTROL_WORK: sum(
            pupil["class"] == work["class"] and work["grp"] in {None, pupil["groups"].get(work["subject"])}
            for work in facts["control_works"]
            for pupil in facts["pupils"]
        ),
        Kind.HOMEWORK: len(facts["homework"]),
        Kind.MARK: values["mark"],
        Kind.ABSENCE: values["absence"],
        Kind.FINAL_MARK: len(facts["finals"]),
    }
    assert len({(record.kind, record.key) for record in records}) == len(records)
    assert {pointer for r in records for pointer in contracts.faults(f"ed/v1/{r.kind}", r.data)} == set()
    assert not any(source.plan(feed, due(feed), roster).uncovered for feed in ASKED)


def test_marks_are_the_journal_s_own(journal, opened):
    """Pupil, journal, day, place and value of every mark and absence are those of the journal."""
    source, facts = opened(), state(journal)
    read = {
        (d["pupil"], d["lesson"], d["date"], d["column"], d["raw"], d["subject"])
        for d in (record.data for record in read_feed(source, Feed.MARKS, read_roster(source)))
    }
    wanted = {
        (m["pupil"], m["lesson_id"], m["date"], int(m["nm"]), m["value"], cleaned(m["subject"]))
        for m in facts["marks"]
        if m["value"]
    }
    assert read == wanted


@pytest.mark.parametrize(
    "kind",
    [
        "outage",
        "throttle",
        "reset_before",
        "reset_after",
        "html",
        "truncated",
        "no_response",
        "error500",
        "expired_token",
    ],
)
def test_a_passing_fault_costs_nothing(journal, opened, kind):
    """A fault that strikes a read and its repetition leaves no trace; a token lost twice over would be a lost right."""
    source = opened(prefix="/api")
    roster = read_roster(source)
    undisturbed = read_feed(source, Feed.FINALS, roster)
    order(journal, kind=kind, times=1 if kind == "expired_token" else 2, skip=1, match="getfinalassessments")
    assert read_feed(source, Feed.FINALS, roster) == undisturbed


def test_threads_read_the_same(journal, opened):
    """Windows read by several threads at once say what they say one after another, with one sign-in an account."""
    source = opened(request_pause_ms=0, parallel_reads=4, longest_marks_span_days=31, pupils_per_request=10)
    roster = read_roster(source)
    one_by_one = read_feed(source, Feed.MARKS, roster)
    httpx.delete(journal["control"] + "/requests")
    fresh = opened(request_pause_ms=0, parallel_reads=4, longest_marks_span_days=31, pupils_per_request=10)
    windows = fresh.plan(Feed.MARKS, due(Feed.MARKS), roster).windows
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(fresh.fetch, windows))
    assert [record for page in pages for record in fresh.read(page, roster).records] == one_by_one
    calls = httpx.get(journal["control"] + "/requests").json()["by_method"]
    assert calls == {"auth": len(journal["accounts"]), "getrules": len(journal["accounts"]), "getmarks": len(windows)}


def test_an_empty_answer_is_covered_without_belief(journal, opened):
    """An answer that suddenly holds nothing is not taken for a school without final marks."""
    source = opened()
    roster = read_roster(source)
    order(journal, kind="empty", times=-1, match="getfinalassessments")
    for window in source.plan(Feed.FINALS, due(Feed.FINALS), roster).windows:
        reading = source.read(source.fetch(window), roster)
        assert reading.records == ()
        assert [coverage.believable_when_empty for coverage in reading.coverages] == [False]


def test_only_the_days_that_are_listed_are_covered(journal, opened):
    """Weekends, which the journal does not list, are no part of what a timetable concludes; weekdays are."""
    source = opened()
    roster = read_roster(source)
    for window in source.plan(Feed.TIMETABLE, due(Feed.TIMETABLE), roster).windows:
        reading = source.read(source.fetch(window), roster)
        spans = [coverage.days for coverage in reading.coverages if coverage.believable_when_empty]
        listed = {record.day for record in reading.records if record.kind is Kind.CALENDAR_DAY}
        assert sum((days.last - days.first).days + 1 for days in spans) == len(listed)
        assert all(any(days.first <= day <= days.last for days in spans) for day in listed)


def test_a_part_of_the_school_covers_nobody(opened):
    """A class's own account reads the people it sees, and who is missing there is not gone."""
    source = opened(only={"bridge-10a"})
    (window,) = source.plan(Feed.ROSTER, due(Feed.ROSTER), Roster({})).windows
    assert window.scope == "part"


def test_what_nobody_may_read_is_said(journal, opened):
    """With the service account alone classes are read by class, and every pupil's own reads are uncovered."""
    source = opened(only={"service"})
    roster = read_roster(source)
    pupils = sum(map(len, roster.classes.values()))
    plans = {feed: source.plan(feed, due(feed), roster) for feed in ASKED}
    assert {feed: plan.uncovered_pupils(roster) for feed, plan in plans.items() if plan.uncovered} == {
        Feed.PERIODS: {"getperiods": pupils},
        Feed.DIARY: {"getdiary": pupils},
        Feed.HOMEWORK: {"gethomework:student": pupils},
        Feed.MARKS: {"getmarks": pupils},
        Feed.FINALS: {"getfinalassessments": pupils},
    }
    assert not plans[Feed.MARKS].windows


def test_login_with_each_call_reads_the_same(journal, opened, monkeypatch):
    """The service account may send login and password with every call and reads the same people."""
    service = next(account for account in journal["accounts"] if account["name"] == "service")
    monkeypatch.setenv("EACH", service["password"])
    each = {"name": "service", "login": service["login"], "password": "env:EACH", "sign_in": "each_call"}
    assert read_roster(opened(accounts=[each])) == read_roster(opened())


def test_a_wrong_password_is_tried_once(journal, opened, monkeypatch):
    """A wrong password stops its account after a single try, however often it is planned."""
    source = opened(only={"service"})
    monkeypatch.setenv("PASSWORD_0", "wrong")
    httpx.delete(journal["control"] + "/requests")
    for _ in range(3):
        with pytest.raises(SourceAuthFailed):
            source.plan(Feed.ROSTER, due(Feed.ROSTER), Roster({}))
    assert httpx.get(journal["control"] + "/requests").json()["by_method"] == {"auth": 1}
