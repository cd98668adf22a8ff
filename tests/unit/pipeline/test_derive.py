"""derive: lesson changes out of readings of the timetable and of substitutions, in the same transaction."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from ejsync.domain.changes import Difference, Known, Op, retraction
from ejsync.domain.lesson_changes import announced
from ejsync.domain.records import SCHOOL, Feed, Kind, Record, owner_class, owner_pupil
from ejsync.domain.windows import Coverage, Days, Reading, Window
from ejsync.pipeline.absorb import absorb
from ejsync.pipeline.derive import NOTHING, derive, held_along
from ejsync.pipeline.detect import detect
from ejsync.pipeline.normalise import normalise
from ejsync.pipeline.replay import discard
from tests.doubles.records import DAY, lesson, lessons, pupil, roster, school_class
from tests.doubles.sink import Killed
from tests.doubles.world import STRICT, contracts

WEEK = Days(DAY, DAY + timedelta(days=6))
TIMETABLE = Window(Feed.TIMETABLE, "10А", "getschedule", days=WEEK, classes=("10А",))
SUBSTITUTIONS = Window(Feed.SUBSTITUTIONS, "10А", "getreplaces", days=Days(DAY, DAY), classes=("10А",))


@pytest.fixture
def shown(world):
    """Take in a reading of the week's timetable of class 10А, or of another window."""

    def take_in(*records, window=TIMETABLE, reading=None):
        told = reading or lessons(["10А"], *records, days=WEEK, believable=True)
        with world.tx() as tx:
            return absorb(world.wiring, tx, window, told.coverages, normalise(world.wiring, told.records))

    return take_in


@pytest.fixture
def announce(shown):
    """Take in what `getreplaces` says of one day."""

    def take_in(*replaced):
        spoken = Coverage(
            frozenset({Kind.LESSON_CHANGE}), (owner_class("10А"),), Days(DAY, DAY), believable_when_empty=True
        )
        said = [Record(Kind.LESSON_CHANGE, r.key, r.owner, None, r.day, announced(r.data)) for r in replaced]
        return shown(window=SUBSTITUTIONS, reading=Reading(tuple(said), (spoken,)))

    return take_in


@pytest.fixture
def at_families(world):
    """What families see of lesson changes: how, before, after, by key."""

    def look():
        world.settle_down(hours=1)
        found = {key: data for (kind, key), data in world.ed.live().items() if kind == "lesson_change"}
        assert all(contracts().faults("ed/v1/lesson_change", data) == () for data in found.values())
        return {key: (data["change"], data["before"], data["after"]) for key, data in found.items()}

    return look


def subjects(seen):
    """How, and the subject and number before and after, by key."""
    return {
        key: (how, *((side["subject"], side["number"]) if side else None for side in (before, after)))
        for key, (how, before, after) in seen.items()
    }


def test_a_replacement_reaches_families_and_goes_with_its_end(shown, at_families):
    """What stood there first is told beside what stands there now, and the change is retracted when it is over."""
    shown(lesson(1), lesson(2))
    assert at_families() == {}
    first = shown(lesson(1, subject="Физика"), lesson(2))
    assert dict(+first.counts) == {"updated": 1, "created": 1, "unchanged": 1, "queued": 2}
    assert subjects(at_families()) == {lesson(1).key: ("replaced", ("Алгебра", 1), ("Физика", 1))}
    shown(lesson(1, subject="Химия"), lesson(2))
    assert subjects(at_families()) == {lesson(1).key: ("replaced", ("Алгебра", 1), ("Химия", 1))}
    last = shown(lesson(1), lesson(2))
    assert dict(+last.counts) == {"updated": 1, "retracted": 1, "unchanged": 1, "queued": 2}
    assert at_families() == {}


def test_a_move_is_one_record_at_the_old_place(shown, at_families):
    """Gone here and new there is told once; edited there it is followed; back again it is over."""
    friday = lesson(3, day=DAY + timedelta(days=4), subject="Физика")
    shown(lesson(1), lesson(2, subject="Физика"), friday)
    target = lesson(5, day=DAY + timedelta(days=4))
    shown(lesson(2, subject="Физика"), friday, target)
    [(key, (how, before, after))] = at_families().items()
    assert (key, how, before["date"], after["date"]) == (
        lesson(1).key,
        "moved",
        DAY.isoformat(),
        target.day.isoformat(),
    )
    shown(lesson(1), lesson(2, subject="Физика"), friday)
    assert at_families() == {}


def test_days_published_later_are_no_targets(shown, at_families):
    """A lesson on a day that had none before is the plan of that day, not where a cancelled one went."""
    shown(lesson(1), lesson(2, subject="Физика"))
    shown(lesson(2, subject="Физика"), lesson(1, day=DAY + timedelta(days=2)))
    assert subjects(at_families()) == {lesson(1).key: ("cancelled", ("Алгебра", 1), None)}


def test_only_the_timetable_of_classes_makes_changes(world, shown):
    """Lessons of single pupils, and lessons that go with their class, tell no change."""
    data = {**lesson(1).data, "pupil": "1001"}
    own = Record(Kind.LESSON, "pupil:1001/x", owner_pupil("1001"), "1001", DAY, data)
    spoken = (Coverage(frozenset({Kind.LESSON}), (owner_pupil("1001"),), WEEK, believable_when_empty=True),)
    shown(reading=Reading((own,), spoken))
    shown(reading=Reading((), spoken))
    whole = Window(Feed.ROSTER, SCHOOL, "getmessagereceivers")
    shown(window=whole, reading=roster(school_class(), school_class("11А"), pupil(of="11А")))
    shown(lesson(1), lesson(2))
    shown(lesson(1, subject="Физика"), lesson(2))
    shown(window=whole, reading=roster(school_class("11А"), pupil(of="11А")))
    with world.tx() as tx:
        rows = tx.records.known_in([Coverage(frozenset({Kind.LESSON_CHANGE}), (owner_class("10А"),))]).values()
    assert [(row.key, row.gone) for row in rows] == [(lesson(1).key, True)]


def test_a_held_timetable_holds_what_follows_from_it(world, shown, at_families):
    """A wiped week announces no cancelled lesson; when the journal heals, nothing was ever said."""
    week = [lesson(n, day=DAY + timedelta(days=d)) for n in range(1, 6) for d in range(5)]
    shown(*week)
    assert at_families() == {}
    world.guarded(STRICT)
    held = shown()
    assert held.counts["queued"] == 0
    assert held.counts["held"] == 2 * len(week)  # every retraction, and every change that follows from one
    assert at_families() == {}
    shown(*week)
    assert at_families() == {}
    assert world.batches("held") == []
    assert len(world.ed.live()) == len(week)


def test_a_held_rewriting_holds_what_follows_from_it(world, shown, at_families):
    """Where most lessons are rewritten at once, neither they nor what follows leaves before somebody decides."""
    shown(*(lesson(n) for n in range(1, 7)))
    at_families()
    world.guarded(STRICT)
    shown(*(lesson(n, subject="Физика") for n in range(1, 7)))
    assert at_families() == {}
    assert {data["subject"] for (kind, _), data in world.ed.live().items() if kind == "lesson"} == {"Алгебра"}


def test_ending_many_changes_is_no_mass_of_its_own(world, shown, at_families):
    """Lessons that go back to the plan take their changes with them without anybody's approval."""
    plan, other = [lesson(n) for n in range(1, 9)], [lesson(n, day=DAY + timedelta(days=1)) for n in range(1, 9)]
    shown(*plan, *other)
    shown(*(lesson(n, subject="Физика") for n in range(1, 9)), *other)
    assert len(at_families()) == 8
    world.guarded(STRICT)
    shown(*plan, *other)
    assert at_families() == {}


def test_an_unchanged_timetable_costs_nothing(world, shown):
    """Nothing is asked of the store where no lesson changed, nor in another feed."""
    shown(lesson(1))
    reading = lessons(["10А"], lesson(1), days=WEEK, believable=True)
    normal = normalise(world.wiring, reading.records)
    with world.tx() as tx:
        found = detect(world.wiring, tx, TIMETABLE, reading.coverages, normal).difference
    assert found.unchanged == 1
    assert derive(world.wiring, None, TIMETABLE, found) is NOTHING
    with world.tx() as tx:
        other = lessons(["10А"], lesson(2), days=WEEK, believable=True)
        changed = detect(
            world.wiring, tx, TIMETABLE, other.coverages, normalise(world.wiring, other.records)
        ).difference
    assert derive(world.wiring, None, Window(Feed.ROSTER, "10А", "getmessagereceivers"), changed) is NOTHING


def test_a_renaming_and_a_split_reach_families_as_lessons_only(shown, at_families):
    """Week after week a subject bears its new name, then it is taught in groups: no change is told of any lesson."""
    later = DAY + timedelta(days=7)
    next_week = Window(
        Feed.TIMETABLE, "10А", "getschedule", days=Days(later, later + timedelta(days=6)), classes=("10А",)
    )

    def shown_next(*records):
        shown(window=next_week, reading=lessons(["10А"], *records, days=next_week.days, believable=True))

    physics = lesson(4, subject="Физика")
    shown(lesson(1), lesson(2), physics)
    shown_next(lesson(1, day=later))
    shown(lesson(1, subject="Анализ"), lesson(2, subject="Анализ"), physics)
    shown_next(lesson(1, day=later, subject="Анализ"))
    assert at_families() == {}
    whole = lesson(1, subject="Анализ")
    halves = [
        replace(whole, key=f"{whole.key[:-1]}{group}", data={**whole.data, "group": group}) for group in ("И1", "И2")
    ]
    shown(*halves[:1], lesson(2, subject="Анализ"), physics)
    assert subjects(at_families()) == {whole.key: ("cancelled", ("Анализ", 1), None)}
    shown(*halves, lesson(2, subject="Анализ"), physics)
    assert at_families() == {}
    shown(whole, lesson(2, subject="Анализ"), physics)
    assert at_families() == {}


def test_an_announcement_is_completed_by_what_is_known(shown, announce, at_families):
    """What the timetable showed before stands in `before`; where it showed the replacement itself, nothing does."""
    shown(lesson(1), lesson(2), lesson(3))
    shown(lesson(1, subject="Физика"), lesson(2), lesson(3))
    announce(lesson(1, subject="Физика"), lesson(2), lesson(3, subject="Химия"))
    wanted = {
        lesson(1).key: ("replaced", ("Алгебра", 1), ("Физика", 1)),
        lesson(2).key: ("replaced", None, ("Алгебра", 2)),
        lesson(3).key: ("replaced", ("Алгебра", 3), ("Химия", 3)),
    }
    assert subjects(at_families()) == wanted
    again = announce(lesson(1, subject="Физика"), lesson(2), lesson(3, subject="Химия"))
    assert dict(+again.counts) == {"unchanged": 3}
    announce()
    assert subjects(at_families()) == {lesson(1).key: wanted[lesson(1).key]}


def test_other_days_and_classes_stay_as_they_are(shown, announce, at_families):
    """What is said of one day ends nothing of another."""
    tuesday = DAY + timedelta(days=1)
    shown(lesson(1), lesson(1, day=tuesday), lesson(2))
    shown(lesson(1), lesson(1, day=tuesday, subject="Физика"), lesson(2))
    announce()
    assert list(at_families()) == [lesson(1, day=tuesday).key]


def test_what_follows_is_held_with_the_lessons_of_its_class_only():
    """A mass of marks, or of another class's lessons, holds no lesson change; one of its class's lessons does."""
    form, key = owner_class("10А"), lesson(1).key
    derived = Difference((), (retraction(Known(Kind.LESSON_CHANGE, key, form, None, DAY, 1, "f", gone=False)),), 0)
    elsewhere = {(form, Op.RETRACT, Kind.MARK), (owner_class("11А"), Op.RETRACT, Kind.LESSON)}
    lessons_held = {(form, Op.UPSERT, Kind.LESSON)}
    assert held_along(elsewhere, derived) == set()
    assert held_along(lessons_held, NOTHING) == set()
    assert held_along(lessons_held, derived) == {(Kind.LESSON_CHANGE, key)}


def test_a_killed_transaction_leaves_neither_lesson_nor_change(world, shown, at_families):
    """A change is saved with the lesson it follows from or not at all; the next reading finds both."""
    shown(lesson(1), lesson(2))
    told = lessons(["10А"], lesson(1, subject="Физика"), lesson(2), days=WEEK, believable=True)

    def cut_off():
        with world.tx() as tx:
            absorb(world.wiring, tx, TIMETABLE, told.coverages, normalise(world.wiring, told.records))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    assert at_families() == {}
    shown(lesson(1, subject="Физика"), lesson(2))
    assert list(at_families()) == [lesson(1).key]


def test_every_change_is_witnessed(world, shown):
    """The audit names a lesson change as it names anything else."""
    shown(lesson(1))
    shown(lesson(1, subject="Физика"))
    changes = orjson.loads(orjson.dumps(world.audit("window.read")[-1].details["changes"]))
    assert Counter((op, kind) for op, kind, *_ in changes) == {("upsert", "lesson"): 1, ("upsert", "lesson_change"): 1}


def test_the_whole_flow_tells_a_change_once_through_kills(world):
    """Read by cycles, killed before and after the push, started again: families see each change once, and its end."""
    key = ("lesson_change", lesson(1).key)
    world.read(lessons(["10А"], lesson(1), lesson(2)), feed=Feed.TIMETABLE)
    world.deliver()
    for fault, subject in (("kill_before", "Физика"), ("kill_after", "Химия")):
        world.read(lessons(["10А"], lesson(1, subject=subject), lesson(2)), feed=Feed.TIMETABLE)
        world.ed.faults.append(fault)
        with pytest.raises(Killed):
            world.deliver()
        world.restart()
        world.settle_down(hours=1)
        assert world.ed.live()[key]["before"]["subject"] == "Алгебра"
        assert world.ed.live()[key]["after"]["subject"] == subject
    world.read(lessons(["10А"], lesson(1), lesson(2)), feed=Feed.TIMETABLE)
    world.settle_down(hours=1)
    assert key not in world.ed.live()
    assert world.ed.regressions == []
    assert set(world.ed.effects.values()) == {1}


def test_a_discarded_week_leaves_no_change_behind(world, shown, at_families):
    """What an operator discards stays unsaid; the timetable restored, nothing of it is ever said."""
    week = [lesson(n, day=DAY + timedelta(days=d)) for n in range(1, 6) for d in range(5)]
    shown(*week)
    at_families()
    world.guarded(STRICT)
    shown()
    [row] = world.batches("held")
    discard(world.wiring, row.batch)
    assert at_families() == {}
    shown(*week)
    assert at_families() == {}
