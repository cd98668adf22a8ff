"""The most serious verdict."""

import pytest

from ejsync.cli.outcome import SERIOUSNESS, feed_verdict, most_serious, sink_verdict
from ejsync.errors import Exit, SinkAuthFailed, SinkRejected, SinkUnavailable, SourceAuthFailed, SourceUnavailable

AUTH = SourceAuthFailed(host="h", account="a", reason="r")
AWAY = SourceUnavailable(host="h", method="m", reason="r")


def test_every_exit_code_has_its_place():
    """The table of seriousness knows each code once."""
    assert sorted(SERIOUSNESS) == sorted(Exit)


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([], Exit.WELL),
        ([Exit.WELL, Exit.TEMPORARY], Exit.TEMPORARY),
        ([Exit.TEMPORARY, Exit.WITH_DEAD_ITEMS], Exit.WITH_DEAD_ITEMS),
        ([Exit.WITH_DEAD_ITEMS, Exit.HELD], Exit.HELD),
        ([Exit.HELD, Exit.CONFIGURATION], Exit.CONFIGURATION),
    ],
)
def test_the_most_serious_wins(codes, worst):
    """Whoever must act first decides the code, in whatever order they come."""
    assert most_serious(codes) == most_serious(reversed(codes)) == worst


@pytest.mark.parametrize(
    ("held", "quarantined", "errors", "code"),
    [(0, 0, [], 0), (0, 1, [], 3), (2, 1, [], 7), (2, 1, [AUTH], 4), (0, 0, [AWAY], 5), (0, 1, [AWAY], 3)],
)
def test_a_feed_is_judged(held, quarantined, errors, code):
    """Held is 7, quarantined 3, a refused account 4, no answer 5."""
    assert feed_verdict(held, quarantined, errors) == code


@pytest.mark.parametrize(
    ("dead", "errors", "waits", "code"),
    [
        (0, [], False, 0),
        (1, [], False, 3),
        (0, [SinkUnavailable(sink="ed", reason="r")], True, 5),
        (0, [], True, 5),
        (0, [SinkAuthFailed(sink="ed", reason="r")], True, 4),
        (0, [SinkRejected(sink="ed", reason="r")], False, 0),
    ],
)
def test_a_sink_is_judged(dead, errors, waits, code):
    """A batch refused whole, halved and then taken is no harm; what died or waits is."""
    assert sink_verdict(dead, errors, waits=waits) == code
