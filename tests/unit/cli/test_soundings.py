"""What `doctor` asks over the network."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from ejsync.cli.desk import Desk
from ejsync.cli.soundings import bounded, diary_checks, journal_checks
from ejsync.domain.records import Feed
from ejsync.domain.windows import Uncovered
from ejsync.errors import SinkUnavailable, SourceAuthFailed, SourceUnavailable
from ejsync.wording import use_language
from tests.doubles import records

SCHOOL = SimpleNamespace(source=SimpleNamespace(accounts=(SimpleNamespace(name="r1"), SimpleNamespace(name="r2"))))
DIARIES = SimpleNamespace(sinks=(SimpleNamespace(name="ed", base_url="https://ed.example/api"),))


@pytest.fixture(autouse=True)
def _english():
    """Speak English."""
    use_language("en")


@pytest.fixture
def exchange(world):
    """What the checks ask of an exchange, over the world."""
    return SimpleNamespace(store=world.store, asked_feeds=lambda: list(Feed))


def _checked(exchange, world):
    return {check.name: check for check in journal_checks(exchange, world.wiring, SCHOOL)}


def test_each_account_signs_in_and_rights_are_whole(exchange, world):
    """The roster is read without being kept when the store knows nobody yet."""
    world.source.script(Feed.ROSTER, records.roster(records.school_class(), records.pupil("1001")))
    found = _checked(exchange, world)
    assert {check.state for check in found.values()} == {"ok"}
    assert "1 pupil" in found["school-7: rights"].found
    with world.tx() as tx:
        assert tx.records.roster().classes == {}


def test_what_nobody_may_read_is_doubtful(exchange, world):
    """Uncovered pupils are told feed by feed, with a next step."""
    world.read(records.roster(*(records.pupil(str(number)) for number in (1001, 1002, 1003))), feed=Feed.ROSTER)
    world.source.uncovered = [Uncovered("getmarks", "10А", ("class:10А",))]
    (check,) = [c for c in journal_checks(exchange, world.wiring, SCHOOL) if c.state == "warning"][:1]
    assert "getmarks 3" in check.found
    assert check.next_step


def test_a_refused_account_is_named_and_the_others_go_on(exchange, world):
    """One account fails with its own error; the other signs in."""
    error = SourceAuthFailed(host="h", account="r2", reason="wrong password")
    world.source.failures = {"r2": error}
    found = _checked(exchange, world)
    assert (found["school-7: account r1"].state, found["school-7: account r2"].state) == ("ok", "failed")
    assert found["school-7: account r2"].exit_code == 4


@pytest.mark.parametrize(
    "reason", ["не удалось авторизовать разработчика", "the secret file:devkey is missing or empty"]
)
def test_a_wrong_devkey_is_one_fault(exchange, world, reason):
    """It is named once as the devkey, and no account is blamed."""
    failures = {name: SourceAuthFailed(host="h", account=name, reason=reason) for name in ("r1", "r2")}
    world.source.failures, world.source.plan_error = failures, failures["r1"]
    ((name, check),) = _checked(exchange, world).items()
    assert (name, check.exit_code) == ("school-7: devkey", 4)
    assert "refused the devkey, not an account" in check.found
    assert "devkey" in check.next_step


def test_a_journal_that_is_away_is_one_check(exchange, world):
    """No account is blamed for a journal that does not answer."""
    world.source.plan_error = SourceUnavailable(host="h", method="auth", reason="no connection")
    found = _checked(exchange, world)
    assert [check.exit_code for check in found.values()] == [5]


def test_a_diary_is_asked(world, monkeypatch):
    """It answers, or what is told fits a question: where it does not answer and what to check."""
    assert [check.state for check in diary_checks(world.wiring, DIARIES)] == ["ok"]

    def away(_school):
        raise SinkUnavailable(sink="ed", reason="no connection")

    monkeypatch.setattr(world.ed, "ping", away)
    (check,) = diary_checks(replace(world.wiring), DIARIES)
    assert check.exit_code == 5
    assert check.found == "EJ-401 The diary “ed” does not answer at ed.example (no connection)."
    assert check.next_step == "check base_url in ejsync.toml and the network"


def test_no_request_takes_long(home):
    """One try, fifteen seconds at most."""
    http = bounded(Desk().settings()).http
    assert (http.attempts, http.total_s, http.connect_s) == (1, 15.0, 5.0)
