"""Since when at the earliest the journal may have shown a change."""

from datetime import UTC, date, datetime

import pytest

from ejsync.domain.changes import Change, Op
from ejsync.domain.reads import Read
from ejsync.domain.records import SCHOOL, Feed, Kind
from ejsync.domain.windows import Days, Window
from ejsync.pipeline.sighting import hidden_since

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)
EARLY, LATE = datetime(2026, 11, 16, 8, tzinfo=UTC), datetime(2026, 11, 16, 9, tzinfo=UTC)
WINDOW = Window(Feed.MARKS, "10А", "getmarks", owners=("pupil:1", "pupil:2"))


def change(owner="pupil:1", day=MONDAY, kind=Kind.MARK):
    """A change of somebody's day."""
    return Change(Op.UPSERT, kind, "k", owner, None, day, 1, "f", b"{}")


@pytest.fixture
def hidden(world):
    """Note reads (feed, owner, days, when), then ask about one change."""

    def run(asked, *reads, window=WINDOW):
        with world.tx() as tx:
            for feed, owner, days, when in reads:
                tx.readings.note(feed, [owner], Read(days, when))
            return hidden_since(tx, window, [asked]).get((asked.kind, asked.key))

    return run


BOTH = Days(MONDAY, TUESDAY)


@pytest.mark.parametrize(
    ("reads", "at"),
    [
        ([], None),
        ([(Feed.MARKS, "pupil:1", BOTH, EARLY)], EARLY),
        ([(Feed.MARKS, "pupil:1", BOTH, EARLY), (Feed.MARKS, "pupil:1", Days(MONDAY, MONDAY), LATE)], LATE),
        ([(Feed.MARKS, "pupil:1", Days(TUESDAY, TUESDAY), EARLY)], None),
        ([(Feed.MARKS, "pupil:2", BOTH, EARLY)], None),
        ([(Feed.HOMEWORK, "pupil:1", BOTH, EARLY)], None),
    ],
)
def test_a_change_was_hidden_when_its_day_was_last_read(hidden, reads, at):
    """The last read of this owner's day by this feed bounds it; where there was none nobody knows."""
    assert hidden(change(), *reads) == at


def test_a_pupil_who_is_gone_takes_along_what_the_roster_showed(hidden):
    """What the window does not ask about itself was last in place when the window's owners were last read."""
    window = Window(Feed.ROSTER, "10А", "getmessagereceivers", owners=(SCHOOL,))
    asked = change(owner="pupil:1")
    assert hidden(asked, window=window) is None
    assert hidden(asked, (Feed.ROSTER, SCHOOL, None, EARLY), window=window) == EARLY


def test_a_read_of_some_owners_bounds_nothing_of_others(hidden):
    """Where one of the window's owners was never read nobody knows about those it does not name."""
    asked = change(owner="pupil:9")
    assert hidden(asked, (Feed.MARKS, "pupil:1", BOTH, EARLY)) is None
    assert hidden(asked, (Feed.MARKS, "pupil:2", BOTH, LATE)) == EARLY


def test_a_window_without_owners_knows_nothing(hidden):
    """A record let out of quarantine was shown before, but not as it is."""
    window = Window(Feed.MARKS, "quarantine 1", "release")
    assert hidden(change(), (Feed.MARKS, "pupil:1", BOTH, EARLY), window=window) is None
