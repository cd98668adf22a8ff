"""detect: what changed, and what may be taken for gone."""

from datetime import timedelta

import pytest

from ejsync.domain.changes import Op
from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Days, Window
from ejsync.pipeline.detect import detect
from ejsync.pipeline.normalise import normalise
from tests.doubles.records import DAY, broken_mark, lesson, mark, marks, pupil, roster, school_class

WINDOW = Window(Feed.MARKS, "10А", "getmarks")


@pytest.fixture
def look(world):
    """Compare a reading with the store."""

    def compare(reading):
        normal = normalise(world.wiring, reading.records)
        with world.tx() as tx:
            return detect(world.wiring, tx, WINDOW, reading.coverages, normal)

    return compare


def ops(found):
    """Operation and key of each change."""
    return [(change.op, change.key) for change in found.difference.all()]


def test_new_changed_same_and_gone_are_told_apart(world, look):
    """One reading can create, update, keep and retract."""
    same, old, gone, new = (mark(lesson_id=number) for number in "1234")
    world.read(marks(["1001"], same, old, gone))
    found = look(marks(["1001"], same, mark(raw="2", lesson_id="2"), new))
    assert ops(found) == [(Op.UPSERT, old.key), (Op.UPSERT, new.key), (Op.RETRACT, gone.key)]
    assert found.difference.unchanged == 1
    assert found.known_live == {(Kind.MARK, "pupil:1001"): 3}


def test_what_is_set_aside_is_not_gone(world, look):
    """A record that was read but broke its contract is not retracted."""
    world.read(marks(["1001"], mark(), mark(lesson_id="78")))
    found = look(marks(["1001"], mark(lesson_id="78"), broken_mark()))
    assert ops(found) == []


def test_records_are_compared_under_the_keys_by_which_they_are_known(world, look):
    """A mark that moved up in its cell is the one it was; the reading is handed on under its key."""
    world.read(marks(["1001"], mark(raw="5"), mark(raw="4", column=1)))
    found = look(marks(["1001"], mark(raw="4")))
    assert ops(found) == [(Op.RETRACT, mark().key)]
    assert [entry.record.key for entry in found.normal.entries] == [mark(column=1).key]
    assert found.difference.unchanged == 1


def test_silence_is_suspicious_and_concludes_nothing(world, look):
    """Owners without a record and without structure are named as silent, and nothing of theirs vanishes."""
    world.read(marks(["1001", "1002"], mark(), mark("1002")))
    found = look(marks(["1001", "1002"]))
    assert ops(found) == []
    assert found.silent == {"pupil:1001", "pupil:1002"}
    assert found.suspicious.known == 2


def test_silence_where_nothing_was_known_is_no_matter(look):
    """An empty answer about what was empty before is not suspicious."""
    assert look(marks(["1001"])).suspicious is None


@pytest.mark.parametrize(("offset", "gone"), [(-1, False), (0, True), (6, True), (7, False)])
def test_only_days_inside_the_window_count(world, look, offset, gone):
    """Both ends of the window are inside it."""
    world.read(marks(["1001"], mark(day=DAY + timedelta(days=offset))))
    found = look(marks(["1001"], days=Days(DAY, DAY + timedelta(days=6)), believable=True))
    assert bool(ops(found)) is gone


def test_a_household_goes_with_its_pupil_and_is_told_apart(world, look):
    """With a vanished pupil go his records; they are named, because they are judged otherwise than what was read."""
    world.read(roster(school_class(), pupil("1001"), pupil("1002")), feed=Feed.ROSTER)
    world.read(marks(["1001", "1002"], mark(), mark("1002"), mark("1002", lesson_id="78")))
    found = look(roster(school_class(), pupil("1002")))
    assert set(ops(found)) == {(Op.RETRACT, "1001"), (Op.RETRACT, mark().key)}
    assert found.household == {(Kind.MARK, mark().key)}


def test_a_pupil_is_judged_with_his_class(world, look):
    """The circle of a pupil is the class he was last known in; the circle of anything else is its owner."""
    world.read(roster(school_class(), pupil("1001"), pupil("1002", of="11А")), feed=Feed.ROSTER)
    found = look(roster(school_class(), pupil("1002", of="11А")))
    assert found.known_live[Kind.PUPIL, "class:10А"] == 1
    assert found.known_live[Kind.PUPIL, "class:11А"] == 1
    assert found.known_live[Kind.SCHOOL_CLASS, "school"] == 1


def test_a_record_that_moves_into_the_window_keeps_its_version(world, look):
    """A key known outside the coverage is found by itself: its next version follows the last."""
    world.read(marks(["1001"], mark()))
    reading = marks(["1002"], mark(raw="4"))
    assert [change.version for change in look(reading).difference.upserts] == [2]


def test_other_kinds_of_an_owner_stay(world, look):
    """A coverage of marks says nothing of lessons."""
    world.read(marks(["1001"], mark()))
    world.read(roster(lesson()), feed=Feed.ROSTER)
    assert {key for _, key in ops(look(marks(["1001"], believable=True)))} == {mark().key}
