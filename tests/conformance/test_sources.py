"""What every source promises to the stages, for every connector alike."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

import httpx
import pytest
import respx

from ejsync.contracts import Contracts
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.records import ASKED, UNDATED, Feed, Kind
from ejsync.domain.windows import Days, Due, Heat, Roster
from ejsync.errors import Disposition, EjsyncError
from ejsync.pipeline.ports import Surroundings
from ejsync.sandbox.journal import journal_app
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sources import EljurConfig, RecordedConfig, open_source
from ejsync.transport import Limits
from tests.doubles.memory import DictMemory

BASE = "https://school.invalid/api"
TODAY = date(2026, 11, 16)
DAYS = Days(date(2026, 11, 2), date(2026, 11, 20))
NOBODY = Roster({})


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


class Subject:
    """A source under test, and a way to break what it reads from."""

    def __init__(self, source, break_it):
        self.source = source
        self.break_it = break_it

    def roster(self):
        """Read the roster the way the store keeps it."""
        classes = {}
        for reading in self.readings(Feed.ROSTER, NOBODY):
            pupils = [record for record in reading.records if record.kind is Kind.PUPIL]
            for pupil in pupils:
                classes.setdefault(pupil.data["class"], []).append(pupil.key)
        return Roster({name: tuple(pupils) for name, pupils in classes.items()})

    def readings(self, feed, roster):
        """Read every window of a feed."""
        windows = self.source.plan(feed, _due(feed), roster).windows
        return [self.source.read(self.source.fetch(window), roster) for window in windows]


def _due(feed):
    """What is due of everyone: some days, or a feed that has none."""
    return lambda _owner: (Due(Heat.HOT, None if feed in UNDATED else DAYS),)


def _opened(config):
    digest = Keyring.from_master(b"k" * 32).fingerprint
    around = Surroundings(StillClock(), Random(1), Contracts(), digest, DictMemory(), ZoneInfo("Europe/Moscow"))
    return open_source(config, around, Limits(attempts=2))


def _eljur(monkeypatch, router):
    _, dialect = journal_app(invent_rollbook(pupils=12, seed=3, today=TODAY))

    def respond(request):
        answer = dialect.answer(request.method, request.url.path.rpartition("/")[2], dict(request.url.params))
        return httpx.Response(answer.status_code, content=bytes(answer.body))

    route = router.route(url__startswith=BASE).mock(side_effect=respond)
    monkeypatch.setenv("DEVKEY", dialect.sessions.devkey)
    accounts = []
    for number, account in enumerate(dialect.sessions.accounts):
        monkeypatch.setenv(f"PASSWORD_{number}", account.password)
        accounts.append({"name": account.login, "login": account.login, "password": f"env:PASSWORD_{number}"})
    head = {"type": "eljur", "base_url": BASE, "vendor": dialect.sessions.vendor, "devkey": "env:DEVKEY"}
    source = _opened(EljurConfig.model_validate({**head, "accounts": accounts}))
    return Subject(source, lambda: route.mock(return_value=httpx.Response(200, text="<html>")))


def _recorded(folder):
    pupil = {"pupil": "1001", "class": "10А", "last_name": "Тестова", "first_name": "Анна", "middle_name": None}
    roster = {
        "feed": "roster",
        "scope": "school",
        "records": [{"kind": "pupil", "key": "1001", "owner": "school", "pupil": "1001", "data": pupil}],
        "coverages": [{"kinds": ["pupil"], "owners": ["school"]}],
    }
    days = {"first": "2026-11-16", "last": "2026-11-16"}
    day = {"class": "10А", "date": "2026-11-16", "status": "school", "title": None}
    timetable = {
        "feed": "timetable",
        "scope": "10А",
        "days": days,
        "records": [
            {"kind": "calendar_day", "key": "10А/2026-11-16", "owner": "class:10А", "day": "2026-11-16", "data": day}
        ],
        "coverages": [{"kinds": ["calendar_day", "lesson"], "owners": ["class:10А"], "days": days}],
    }
    for page in (roster, timetable):
        (folder / f"{page['feed']}.json").write_text(json.dumps(page))
    source = _opened(RecordedConfig(type="recorded", folder=folder))
    return Subject(source, lambda: [file.write_text("<html>") for file in folder.glob("*.json")])


@pytest.fixture(params=["eljur", "recorded"])
def subject(request, tmp_path, monkeypatch):
    """Open each connector over a little school."""
    with respx.mock(assert_all_called=False) as router:
        subject = _eljur(monkeypatch, router) if request.param == "eljur" else _recorded(tmp_path)
        yield subject
    getattr(subject.source, "close", lambda: None)()


@pytest.mark.parametrize("feed", ASKED)
def test_a_plan_is_stable_and_its_labels_are_unique(subject, feed):
    """Asked twice, a source plans the same windows of that feed, and no two share a label."""
    roster = subject.roster()
    plan = subject.source.plan(feed, _due(feed), roster)
    assert plan == subject.source.plan(feed, _due(feed), roster)
    assert {window.feed for window in plan.windows} <= {feed}
    assert max(Counter(window.label() for window in plan.windows).values(), default=1) == 1


@pytest.mark.parametrize("feed", ASKED)
def test_only_what_is_due_is_planned_and_every_window_names_its_owners(subject, feed):
    """Where nothing is due nothing is asked for; whose days a window reads is told by it, each owner once."""
    roster = subject.roster()
    assert subject.source.plan(feed, lambda _owner: (), roster).windows == ()
    plan = subject.source.plan(feed, _due(feed), roster)
    assert all(window.owners for window in plan.windows)
    asked = [(owner, window.method, window.days) for window in plan.windows for owner in window.owners]
    assert len(asked) == len(set(asked))
    assert len({window.key() for window in plan.windows}) == len(plan.windows)


@pytest.mark.parametrize("feed", ASKED)
def test_an_answer_that_is_known_is_not_opened(subject, feed):
    """Told the digest of an answer, a source that makes digests hands out no payload for the same answer."""
    for window in subject.source.plan(feed, _due(feed), subject.roster()).windows:
        page = subject.source.fetch(window)
        again = subject.source.fetch(window, page.digest)
        assert again.digest == page.digest
        assert again.unchanged is bool(page.digest)
        assert not (again.unchanged and again.payload)
        assert subject.source.fetch(window, "another").payload == page.payload


def test_a_page_belongs_to_its_window(subject):
    """A page names the window that was asked for."""
    (window,) = subject.source.plan(Feed.ROSTER, _due(Feed.ROSTER), NOBODY).windows
    assert subject.source.fetch(window).window == window


@pytest.mark.parametrize("feed", ASKED)
def test_reading_is_pure(subject, feed):
    """The same page read twice says the same."""
    roster = subject.roster()
    for window in subject.source.plan(feed, _due(feed), roster).windows:
        page = subject.source.fetch(window)
        assert subject.source.read(page, roster) == subject.source.read(page, roster)


@pytest.mark.parametrize("feed", ASKED)
def test_every_record_is_covered(subject, feed):
    """A page speaks completely about each owner it has records of: what it shows can also vanish from it."""
    for reading in subject.readings(feed, subject.roster()):
        covered = {(kind, owner) for one in reading.coverages for kind in one.kinds for owner in one.owners}
        assert {(record.kind, record.owner) for record in reading.records} <= covered
        days = [coverage.days for coverage in reading.coverages if coverage.days]
        assert all(any(d.first <= record.day <= d.last for d in days) for record in reading.records if record.day)


@pytest.mark.parametrize("feed", ASKED)
def test_keys_are_unique_within_a_feed(subject, feed):
    """No two records of a feed share kind and key, over all its windows."""
    readings = subject.readings(feed, subject.roster())
    counts = Counter((record.kind, record.key) for reading in readings for record in reading.records)
    assert max(counts.values(), default=1) == 1


@pytest.mark.parametrize("feed", ASKED)
def test_good_pages_give_good_records(subject, feed):
    """What an undisturbed school shows keeps the contract of the diary."""
    contracts = Contracts()
    for reading in subject.readings(feed, subject.roster()):
        faults = {record.kind: contracts.faults(f"ed/v1/{record.kind}", record.data) for record in reading.records}
        assert set(faults.values()) <= {()}


def test_what_cannot_be_read_is_an_error_of_ours(subject):
    """A source that answers rubbish raises a foreseen error that does not halt, and concludes nothing."""
    subject.break_it()
    with pytest.raises(EjsyncError) as caught:
        subject.readings(Feed.ROSTER, NOBODY)
    assert caught.value.disposition in {Disposition.RETRY, Disposition.QUARANTINE}
    assert "html" not in str(caught.value.facts()).casefold().replace("an html page", "")
