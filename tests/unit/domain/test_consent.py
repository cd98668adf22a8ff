"""Consent: which decision counts, and whether it allows at a moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ejsync.domain.consent import NOBODY_ASKED, Consent, Decision, Ground, Scope, permission

NOON = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
GIVEN = Consent(
    1, "1001", Scope.RESULTS, Decision.GRANTED, "parent", "1-К", date(2026, 9, 1), None, None, NOON - timedelta(days=9)
)


def ground(*consents, moment=NOON, zone=ZONE):
    """The ground of the permission."""
    found = permission(consents, moment, zone)
    assert found.allowed is (found.ground is Ground.GRANTED)
    return found.ground


def test_nobody_asked_is_no_permission():
    """Without any decision nothing may leave."""
    assert permission([], NOON, ZONE) == NOBODY_ASKED


def test_a_granted_consent_allows_and_is_named():
    """A consent in force allows, and the answer names its number."""
    assert permission([GIVEN], NOON, ZONE).consent_number == 1
    assert ground(GIVEN) is Ground.GRANTED


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"decision": Decision.REFUSED}, Ground.REFUSED),
        ({"valid_from": date(2026, 11, 17)}, Ground.NOT_YET),
        ({"valid_until": date(2026, 11, 15)}, Ground.EXPIRED),
        ({"valid_until": date(2026, 11, 16)}, Ground.GRANTED),
        ({"valid_from": date(2026, 11, 16)}, Ground.GRANTED),
        ({"withdrawn_at": NOON}, Ground.WITHDRAWN),
        ({"withdrawn_at": NOON + timedelta(days=1)}, Ground.WITHDRAWN),
    ],
)
def test_each_reason_has_a_ground_of_its_own(fields, expected):
    """Both days of a consent are inside it; what was withdrawn stays so, even if the clock was set back since."""
    assert ground(replace(GIVEN, **fields)) is expected


@pytest.mark.parametrize("order", [1, -1])
def test_the_decision_registered_last_counts(order):
    """Whatever the order they are handed in and whatever the clock said, the later registration wins, by number."""
    later = replace(GIVEN, number=2, decision=Decision.REFUSED)
    assert ground(*[GIVEN, later][::order]) is Ground.REFUSED
    set_back = replace(later, registered_at=GIVEN.registered_at - timedelta(seconds=1))
    assert ground(*[GIVEN, set_back][::order]) is Ground.REFUSED


def test_a_withdrawn_consent_does_not_revive_an_older_one():
    """After a withdrawal an older consent does not count again."""
    latest = replace(GIVEN, number=2, withdrawn_at=NOON)
    assert ground(GIVEN, latest) is Ground.WITHDRAWN


def test_days_are_days_of_the_schools_zone():
    """The same instant is another day in Kamchatka."""
    until = replace(GIVEN, valid_until=date(2026, 11, 16))
    evening = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
    assert ground(until, moment=evening) is Ground.GRANTED
    assert ground(until, moment=evening, zone=ZoneInfo("Asia/Kamchatka")) is Ground.EXPIRED
