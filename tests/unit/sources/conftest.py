"""What the tests of sources share: a clock that only moves when slept on, and an ElJur that answers by script."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import httpx
import pytest
import respx

from ejsync.contracts import Contracts
from ejsync.domain.fingerprints import Keyring
from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Page, Roster, Window
from ejsync.pipeline.ports import Surroundings
from ejsync.sources import open_source
from ejsync.sources.eljur.config import EljurConfig
from ejsync.sources.eljur.mapping import read
from ejsync.transport import Limits
from tests.doubles.memory import DictMemory

BASE = "https://school.invalid/apiv3"
WEEK = Days(date(2026, 11, 16), date(2026, 11, 22))
FEEDS = {
    "getmessagereceivers": Feed.ROSTER,
    "getperiods": Feed.PERIODS,
    "getschedule": Feed.TIMETABLE,
    "gethomework": Feed.HOMEWORK,
    "getmarks": Feed.MARKS,
    "getdiary": Feed.MARKS,
    "getfinalassessments": Feed.FINALS,
}
DAYLESS = {"getmessagereceivers", "getperiods", "getfinalassessments"}


class FakeClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.elapsed_s = 0.0
        self.slept = []

    def now(self):
        """Return an instant that moves with the sleeps."""
        return datetime(2026, 11, 16, 6, tzinfo=UTC) + timedelta(seconds=self.elapsed_s)

    def monotonic(self):
        """Return what was slept."""
        return self.elapsed_s

    def sleep(self, seconds):
        """Let time pass."""
        self.slept.append(seconds)
        self.elapsed_s += seconds


class FakeEljur:
    """Answers by script: the next answer queued for a method, else its standing answer."""

    def __init__(self):
        self.queued = defaultdict(list)
        self.standing = {}
        self.asked = []
        self.tokens = 0

    def calls(self):
        """Count the calls by method."""
        return Counter(method for method, _ in self.asked)

    def params(self, method):
        """List the parameters a method was called with."""
        return [params for name, params in self.asked if name == method]

    def ok(self, result, state=200):
        """Make a good envelope."""
        return httpx.Response(200, json={"response": {"state": state, "error": None, "result": result}})

    def refused(self, state, error="Доступ запрещён"):
        """Make a refusal."""
        return httpx.Response(state, json={"response": {"state": state, "error": error, "result": []}})

    def __call__(self, request):
        """Answer a request."""
        method = request.url.path.removeprefix("/apiv3/")
        self.asked.append((method, dict(request.url.params)))
        answer = self.queued[method].pop(0) if self.queued[method] else self.standing.get(method)
        if isinstance(answer, Exception):
            raise answer
        if answer is None and method == "auth":
            self.tokens += 1
            return self.ok({"token": f"token-{self.tokens}", "expires": "2027-02-16 10:00:00"})
        return answer if isinstance(answer, httpx.Response) else self.ok(answer)


@pytest.fixture
def clock():
    """A clock nobody waits for."""
    return FakeClock()


@pytest.fixture
def eljur():
    """A scripted ElJur that every HTTP request of the test ends at."""
    fake = FakeEljur()
    with respx.mock(assert_all_called=False) as router:
        router.route(url__startswith=BASE).mock(side_effect=fake)
        yield fake


@pytest.fixture
def settings(monkeypatch):
    """Make an ElJur configuration whose secrets stand in the environment."""
    monkeypatch.setenv("DEVKEY", "d" * 32)
    monkeypatch.setenv("PASSWORD", "hidden-password")
    monkeypatch.setenv("TOKEN", "ready-token")

    def make(*accounts, **more):
        given = accounts or ({"name": "bridge", "login": "bridge-login", "password": "env:PASSWORD"},)
        head = {"type": "eljur", "base_url": BASE, "vendor": "school", "devkey": "env:DEVKEY"}
        return EljurConfig.model_validate({**head, "accounts": given, **more})

    return make


@pytest.fixture
def memory():
    """A memory that outlives every source of the test."""
    return DictMemory()


@pytest.fixture
def around(clock, memory):
    """What a source is handed from outside."""
    keyring = Keyring.from_master(b"k" * 32)
    return Surroundings(clock, Random(1), Contracts(), keyring.fingerprint, memory, ZoneInfo("Europe/Moscow"))


@pytest.fixture
def opened(around, settings):
    """Open ElJur sources; they are closed after the test."""
    sources = []

    def make(*accounts, **more):
        sources.append(open_source(settings(*accounts, **more), around, Limits(attempts=3)))
        return sources[-1]

    yield make
    for source in sources:
        source.close()


@pytest.fixture
def mapped():
    """Read a result as if it had come for a class 10А with pupils 1001 and 1002, in the week of 16 November 2026."""

    def make(method, result, *, pupils=("1001", "1002"), classes=("10А",), roster=None, scope=""):
        asked = () if method in {"getschedule", "getmessagereceivers"} else pupils
        called = scope or ("school" if method == "getmessagereceivers" else "10А")
        window = Window(FEEDS[method], called, method, "bridge", None if method in DAYLESS else WEEK, classes, asked)
        return read(Page(window, result, day=date(2026, 11, 16)), Roster(roster or {"10А": ("1001", "1002")}))

    return make


@pytest.fixture
def diary_faults():
    """Say where records break the contract of the diary."""
    contracts = Contracts()

    def faults(reading):
        return {record.key: contracts.faults(f"ed/v1/{record.kind}", record.data) for record in reading.records}

    return faults


@pytest.fixture
def week():
    """The week the windows of the tests are about."""
    return WEEK


@pytest.fixture
def names():
    """What settings of the tests are called."""
    return SimpleNamespace(base=BASE, host="https://school.invalid")
