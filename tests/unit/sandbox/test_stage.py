"""The stage: settings without secrets in them, a clock that plays its waits, and looks that can be compared."""

import signal
import stat
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from ejsync.errors import SinkUnavailable
from ejsync.sandbox.expectation import Span
from ejsync.sandbox.stage import TODAY, ZONE, Round, Sight, StageClock, _ended_politely, covered, demo_settings

ACCOUNTS = [
    {"name": "service", "login": "service", "password": "pw-service", "role": "administrator"},
    {"name": "bridge-10a", "login": "bridge-10a", "password": "pw-bridge", "role": "helper"},
    {"name": "parent-1", "login": "parent-1", "password": "pw-parent", "role": "parent"},
]
JOURNAL = {"base_url": "http://127.0.0.1:1", "vendor": "demo", "devkey": "0" * 32, "accounts": ACCOUNTS}
DIARY = {"base_url": "http://127.0.0.1:2", "token_url": "http://127.0.0.1:2/t", "client_id": "c", "client_secret": "cs"}


@pytest.fixture
def settings(tmp_path):
    """Settings for two servers that do not exist."""
    return demo_settings(JOURNAL, DIARY, folder=tmp_path)


def sight(*records, **counts):
    """A look at an ED that holds these (kind, key, version, pupil)."""
    rows = [{"kind": k, "key": key, "version": v, "data": {"pupil": p} if p else {}} for k, key, v, p in records]
    return Sight.of({"records": rows, **counts})


def test_secrets_stand_in_files_only(settings, tmp_path):
    """No password, key or client secret stands in the settings, and only the owner may read the files."""
    shown = settings.model_dump_json()
    assert not [word for word in ("pw-service", "pw-bridge", "0" * 32, '"cs"') if word in shown]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert settings.schools[0].source.accounts[0].password.reveal() == "pw-service"


def test_parents_do_not_read_for_the_school(settings):
    """The service account and the bridge accounts read; a parent's account is not used."""
    assert [account.name for account in settings.schools[0].source.accounts] == ["service", "bridge-10a"]


def test_the_days_covered_are_those_of_the_settings(settings):
    """The first reads cover the school year, and ahead of today what each feed's rule says."""
    days = covered(settings)
    assert days.timetable == Span("2026-09-01", "2026-12-02")
    assert days.marks == Span("2026-09-01", TODAY)


def test_it_is_a_morning_in_term_time():
    """Whenever the story is told, it is told on its own day, far from midnight."""
    now = StageClock().now()
    assert now.tzinfo is UTC
    now = now.astimezone(ZoneInfo(ZONE))
    assert now.date().isoformat() == TODAY
    assert 9 <= now.hour <= 10


def test_sigterm_takes_the_stage_down_like_ctrl_c():
    """A SIGTERM unwinds the block instead of ending the process on the spot; afterwards it means what it meant."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), _ended_politely():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_waits_are_played():
    """Sleeping moves the clock and takes no time; a moment that is past is reached already."""
    clock = StageClock()
    before = clock.now()
    clock.sleep(3600)
    clock.reach(before + timedelta(hours=2))
    clock.reach(before)
    assert timedelta(hours=2) <= clock.now() - before < timedelta(hours=2, minutes=1)


def test_two_looks_tell_what_was_carried():
    """A new key, a new version and a key that is gone are each seen; what stayed is not."""
    before = sight(("mark", "a", 1, "1"), ("mark", "b", 1, "1"), ("lesson", "c", 1, None), applied=3)
    after = sight(("mark", "a", 1, "1"), ("mark", "b", 2, "1"), ("mark", "d", 1, "2"), applied=6)
    assert after.changed_since(before) == {
        ("upsert", "mark", "b"), ("upsert", "mark", "d"), ("retract", "lesson", "c"),
    }  # fmt: skip
    assert after.counted("applied", before) == 3
    assert after.of_pupil("1") == {("mark", "a"), ("mark", "b")}


def test_a_round_names_the_errors_of_both_directions():
    """What went wrong while reading and while delivering is told by code, and what was read is added up."""
    done = Round(push_errors=[SinkUnavailable(sink="ed", reason="HTTP 503")])
    done.read.update(created=2, unchanged=3, withheld=1)
    assert done.error_codes() == ["EJ-401"]
    assert done.records == 5
