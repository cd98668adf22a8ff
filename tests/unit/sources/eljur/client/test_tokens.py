"""Tokens and what is remembered of signing in."""

from datetime import UTC, datetime, timedelta

import pytest

from ejsync.sources.eljur.client.keepsakes import Keepsakes
from ejsync.sources.eljur.client.tokens import Failure, Token, TokenKeeper, parse_end

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
PROOF = b"login and password"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def keeper(memory):
    """The keepsakes of one account."""
    return TokenKeeper(Keepsakes("bridge", memory))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2027-02-16 10:00:00", datetime(2027, 2, 16, 7, 0, tzinfo=UTC)),
        ("2012-02-16 10:00:00", datetime(2012, 2, 16, 6, 0, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("0000-00-00 00:00:00", None),
        ("0001-01-01 00:00:00", None),
        ("soon", None),
        (1234567, None),
    ],
)
def test_the_end_is_moscow_time(text, end):
    """`expires` has no zone and means Moscow, whose distance from UTC has changed; what is no time is no end."""
    assert parse_end(text) == end


@pytest.mark.parametrize(
    ("lives", "age", "spent"),
    [
        (90 * DAY, 89 * DAY - MINUTE, False),
        (90 * DAY, 89 * DAY, True),
        (90 * DAY, 100 * DAY, True),
        (HOUR, 29 * MINUTE, False),
        (HOUR, 30 * MINUTE, True),
        (-HOUR, DAY, False),
        (timedelta(0), DAY, False),
    ],
)
def test_a_token_is_spent_a_day_before_its_end(lives, age, spent):
    """A long one is renewed a day ahead, a short one after half its life; one born ended is the service's to refuse."""
    assert Token("x", NOW, NOW + lives).is_spent(NOW + age) is spent


def test_a_token_without_an_end_is_never_spent():
    """Where the service does not say when a token ends, only its refusal tells."""
    assert not Token("x", NOW).is_spent(NOW + 1000 * DAY)


def test_a_token_comes_back_as_it_was_kept(keeper, memory):
    """Value, instants and cookies are the same in the next run, under the same credentials only."""
    token = Token("x", NOW, NOW + 90 * DAY, ({"name": "school_domain", "value": "lyceum"},))
    keeper.keep_token(PROOF, token)
    again = TokenKeeper(Keepsakes("bridge", memory))
    assert again.token(PROOF) == token
    assert again.token(b"other") is None
    assert TokenKeeper(Keepsakes("service", memory)).token(PROOF) is None


def test_waits_after_a_refusal_double_up_to_four_hours(keeper):
    """The first wait is 15 minutes, each further one twice as long, none over four hours however often it failed."""
    waits = [keeper.refused(PROOF, "no", NOW).again_at - NOW for _ in range(40)]
    assert waits[:6] == [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 4 * HOUR]
    assert set(waits[6:]) == {4 * HOUR}


@pytest.mark.parametrize(
    ("later", "wait"), [(15 * MINUTE + DAY - MINUTE, 30 * MINUTE), (15 * MINUTE + DAY, 15 * MINUTE)]
)
def test_an_old_refusal_no_longer_counts(keeper, later, wait):
    """A day after the last wait was over a refusal is a first one again."""
    keeper.refused(PROOF, "no", NOW)
    assert keeper.refused(PROOF, "no", NOW + later).again_at == NOW + later + wait


def test_a_refusal_is_bound_to_its_credentials(keeper, memory):
    """Other credentials were not refused and begin with the first wait; a token that was given ends it."""
    assert keeper.refused(PROOF, "no", NOW) == keeper.failure(PROOF) == Failure("no", NOW + 15 * MINUTE, 1)
    assert keeper.failure(b"other") is None
    assert keeper.refused(b"other", "no", NOW).times == 1
    keeper.keep_token(b"other", Token("x", NOW))
    assert TokenKeeper(Keepsakes("bridge", memory)).failure(b"other") is None


@pytest.mark.parametrize(("age", "fruitless"), [(0 * HOUR, True), (59 * MINUTE, True), (HOUR, False), (-MINUTE, False)])
def test_a_method_is_fruitless_for_an_hour(keeper, age, fruitless):
    """Within an hour no further sign-in is tried for it; an instant of a clock that was wrong does not count."""
    keeper.keep_fruitless("getmarks", PROOF, NOW)
    assert keeper.is_fruitless("getmarks", PROOF, NOW + age) is fruitless
    assert not keeper.is_fruitless("getdiary", PROOF, NOW + age)
