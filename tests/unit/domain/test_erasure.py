"""erasure: what the store keeps of one."""

from datetime import UTC, datetime

from ejsync.domain.erasure import Erasure, Step

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def erasure(**told):
    """An erasure with what diaries said."""
    return Erasure(1, "a" * 16, Step.BEGUN, None, AT, AT, told)


def test_a_confirmation_and_an_inability_are_answers_for_good():
    """A failure is none, and neither is silence."""
    found = erasure(
        ed={"answer": "confirmed"}, dry={"answer": "not_representable"}, away={"error": "EJ-301", "attempts": 1}
    )
    assert [found.answered(sink) for sink in ("ed", "dry", "away", "new")] == [True, True, False, False]


def test_a_diary_that_failed_is_left_alone_until_its_time():
    """The instant stands with its failure; without one it may be asked at once."""
    found = erasure(away={"retry_at": AT.isoformat()})
    assert (found.retry_at("away"), found.retry_at("ed")) == (AT, None)
