"""The whole flow under the mass-change guard: what is too much at once waits for an operator."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ejsync.domain.guard import GuardRule
from ejsync.domain.reads import Read
from ejsync.domain.records import Feed, Kind
from ejsync.domain.windows import Coverage, Reading
from ejsync.errors import IllegalTransition
from ejsync.pipeline.replay import approve, discard
from tests.doubles.records import DAY, lesson, mark, marks, pupil, roster, school_class
from tests.doubles.world import LAX, STRICT


def timetable(*lessons):
    """A reading of the whole timetable of 10А."""
    return Reading(lessons, (Coverage(frozenset({Kind.LESSON}), ("class:10А",)),))


MANY = [mark(lesson_id=str(number)) for number in range(10)]


@pytest.fixture
def full(world):
    """Ten marks of one pupil at the diary, and a strict guard."""
    world.consent("1001", "1002")
    world.read(marks(["1001"], *MANY))
    world.deliver()
    world.guarded(STRICT)
    return world


def test_a_mass_retraction_waits_and_goes_once_approved(full):
    """Ten marks that vanish at once stay at the diary until an operator approves."""
    report = full.read(marks(["1001"], believable=True))
    assert report.counts["held"] == 10
    full.settle_down()
    assert len(full.seen()) == 10
    [held] = full.batches("held")
    assert approve(full.wiring, held.batch) == 10
    full.deliver()
    assert full.seen() == {}
    assert full.batches("approved")[0].items == 10


def test_a_discarded_mass_is_never_sent(full):
    """What an operator gave up does not go, not after a restart nor with the next read."""
    full.read(marks(["1001"], believable=True))
    assert discard(full.wiring, full.batches("held")[0].batch) == 10
    full.restart()
    full.read(marks(["1001"], believable=True))
    full.settle_down()
    assert len(full.seen()) == 10
    assert full.waiting() == {}


def test_after_a_discard_the_journal_can_heal(full):
    """Records that return after a discarded mass retraction are in step again: an edit of one of them arrives."""
    full.read(marks(["1001"], believable=True))
    discard(full.wiring, full.batches("held")[0].batch)
    full.guarded(LAX)
    full.read(marks(["1001"], *MANY))
    full.deliver()
    assert len(full.ed.requests) == 1
    full.read(marks(["1001"], mark(raw="2", lesson_id="0"), *MANY[1:]))
    full.deliver()
    assert full.seen()[MANY[0].key] == "2"


def test_a_held_mass_is_not_held_twice(full):
    """Reading the same emptied page again opens no second hold."""
    for _ in range(3):
        full.read(marks(["1001"], believable=True))
    assert len(full.batches("held")) == 1


def test_nothing_else_waits_behind_a_hold(full):
    """Other windows and other kinds go on while a mass is held."""
    full.read(marks(["1001"], believable=True))
    full.read(marks(["1002"], mark("1002")))
    full.read(roster(school_class(), pupil("1002")), feed=Feed.ROSTER)
    full.deliver()
    assert ("mark", mark("1002").key) in full.ed.live()
    assert ("pupil", "1002") in full.ed.live()


def test_partly_healed_only_the_rest_waits(full):
    """Marks that came back leave the hold; approving retracts the others only."""
    full.read(marks(["1001"], believable=True))
    full.guarded(LAX)
    full.read(marks(["1001"], *MANY[:6]))
    [held] = full.batches("held")
    assert approve(full.wiring, held.batch) == 4
    full.deliver()
    assert set(full.seen()) == {record.key for record in MANY[:6]}


def test_a_mass_rewriting_waits(full):
    """Nearly all marks of a pupil rewritten at once wait for approval, and then arrive as they are by then."""
    full.read(marks(["1001"], *(mark(raw="2", lesson_id=str(number)) for number in range(10))))
    full.deliver()
    assert set(full.seen().values()) == {"5"}
    full.read(marks(["1001"], mark(raw="3", lesson_id="0"), *(mark(raw="2", lesson_id=str(n)) for n in range(1, 10))))
    full.deliver()
    assert full.seen()[MANY[0].key] == "5", "what is held does not slip out by being edited once more"
    approve(full.wiring, full.batches("held")[0].batch)
    full.deliver()
    assert sorted(full.seen().values()) == ["2"] * 9 + ["3"]


def test_a_first_load_is_never_a_mass(world):
    """First versions are never held, however many."""
    world.guarded(STRICT)
    world.consent("1001")
    assert world.read(marks(["1001"], *MANY)).counts["held"] == 0
    world.deliver()
    assert len(world.seen()) == 10


def test_a_few_changes_are_no_mass_whatever_their_share(full):
    """Up to the least count nothing is held."""
    full.read(marks(["1002"], mark("1002"), mark("1002", lesson_id="78")))
    full.read(marks(["1002"], believable=True))
    full.deliver()
    assert not [key for key in full.seen() if key.startswith("1002")]


def test_a_mark_turned_absence_in_a_mass_waits_as_a_whole_retraction(full):
    """One held retraction holds every retraction of the window; the new records of the other kind go."""
    full.read(marks(["1001"], *(mark(raw="н", lesson_id=str(number)) for number in range(10))))
    full.deliver()
    assert {kind for kind, _ in full.ed.live()} == {"mark", "absence"}
    approve(full.wiring, full.batches("held")[0].batch)
    full.deliver()
    assert {kind for kind, _ in full.ed.live()} == {"absence"}


def test_each_diary_has_a_hold_of_its_own(two_diaries):
    """Approving for one diary leaves the other waiting."""
    world = two_diaries
    world.consent("1001")
    world.read(marks(["1001"], *MANY))
    world.settle_down(hours=0)
    world.guarded(STRICT)
    world.read(marks(["1001"], believable=True))
    holds = {row.sink: row.batch for row in world.batches("held")}
    assert set(holds) == {"ed", "region"}
    approve(world.wiring, holds["region"])
    world.settle_down()
    assert (len(world.seen("ed")), len(world.seen("region"))) == (10, 0)


def test_a_decision_is_taken_once(full):
    """What was approved can neither be approved nor discarded again."""
    full.read(marks(["1001"], believable=True))
    [held] = full.batches("held")
    approve(full.wiring, held.batch)
    for again in approve, discard:
        with pytest.raises(IllegalTransition):
            again(full.wiring, held.batch)


def test_a_hold_going_beyond_the_diary_stays_a_hold(full):
    """A stale answer raises the version of what is held, and does not let it go."""
    from tests.doubles.sink import Holding

    key = MANY[0].key
    full.read(marks(["1001"], mark(raw="4", lesson_id="0"), *MANY[1:]))
    full.ed.faults.append("unavailable")
    full.deliver()
    full.read(marks(["1001"], believable=True))
    assert len(full.batches("held")) == 1
    full.ed.held["mark", key] = Holding(9, "f" * 32, {"raw": "1"})
    full.settle_down()
    assert len(full.seen()) == 10
    approve(full.wiring, full.batches("held")[0].batch)
    full.settle_down()
    assert full.seen() == {}


def test_records_that_return_in_a_mass_are_no_rewriting(full):
    """What an operator let go and the journal shows again arrives at once: a return is no mass rewriting."""
    full.read(marks(["1001"], believable=True))
    approve(full.wiring, full.batches("held")[0].batch)
    full.deliver()
    assert full.read(marks(["1001"], *MANY)).counts["held"] == 0
    full.deliver()
    assert len(full.seen()) == 10


CLASS = [pupil(str(number)) for number in range(1001, 1026)]
USUAL = GuardRule(retracted_share=0.3, changed_share=0.8, least_count=25, most_count=1000, wiped_count=5)


@pytest.fixture
def town(world):
    """A class of twenty-five in a school of three hundred, with marks and lessons, under the usual guard."""
    others = [pupil(str(2000 + number), of=f"{number % 11 + 1}Б") for number in range(275)]
    world.consent(*(record.key for record in CLASS))
    world.everyone = [school_class(), *others, *CLASS]
    world.guarded(USUAL)
    world.read(roster(*world.everyone), feed=Feed.ROSTER)
    world.read(marks([record.key for record in CLASS], *(mark(record.key) for record in CLASS)))
    world.read(timetable(*(lesson(number) for number in range(1, 8))), feed=Feed.TIMETABLE)
    world.deliver()
    world.before = world.seen()
    return world


@pytest.mark.parametrize("left", [0, 3, 15])
def test_no_answer_empties_a_class(town, left):
    """A roster that lacks a class's pupils, or more than a share of them, is held with all that hangs on them."""
    town.read(roster(school_class(), *town.everyone[1:276], *CLASS[:left]), feed=Feed.ROSTER)
    town.deliver()
    assert town.seen() == town.before


def test_a_class_that_returns_is_whole_again(town):
    """After a roster without a class and one with it again nothing is held, and all its days are read anew."""
    owners = ["class:10А", "pupil:1001", "pupil:2001"]
    with town.tx() as tx:
        tx.readings.note(Feed.TIMETABLE, owners, Read(None, town.clock.now()))
    town.read(roster(*town.everyone[1:276]), feed=Feed.ROSTER)
    town.read(roster(*town.everyone), feed=Feed.ROSTER)
    with town.tx() as tx:
        assert set(tx.readings.history(Feed.TIMETABLE)) == {"pupil:2001"}
    town.read(marks([record.key for record in CLASS], *(mark(record.key) for record in CLASS)))
    town.read(timetable(*(lesson(number) for number in range(1, 8))), feed=Feed.TIMETABLE)
    town.settle_down()
    assert town.seen() == town.before
    assert town.batches("held") == []


def test_one_pupil_who_leaves_is_no_mass(town):
    """A pupil who leaves goes with all of his records, and nothing is held."""
    town.read(roster(*town.everyone[:-1]), feed=Feed.ROSTER)
    town.deliver()
    assert town.batches("held") == []
    assert town.before.keys() - town.seen().keys() == {mark(CLASS[-1].key).key}


def test_a_pupil_whose_marks_are_all_gone_is_held(town):
    """Subjects listed without marks for one pupil of a class do not empty his diary."""
    many = [mark("1001", lesson_id=str(number)) for number in range(10)]
    rest = [mark(record.key) for record in CLASS[1:]]
    town.read(marks([record.key for record in CLASS], *many, *rest))
    town.deliver()
    before = town.seen()
    town.read(marks([record.key for record in CLASS], *rest, believable=True))
    town.deliver()
    assert town.seen() == before


def test_what_comes_in_the_place_of_a_mass_waits_with_it(full):
    """If every key of a pupil's marks changes at once, families do not see old and new side by side."""
    drifted = [mark(lesson_id=f"other-{number}") for number in range(10)]
    assert full.read(marks(["1001"], *drifted)).counts["held"] == 20
    full.deliver()
    assert full.seen().keys() == {record.key for record in MANY}
    approve(full.wiring, full.batches("held")[0].batch)
    full.settle_down()
    assert full.seen().keys() == {record.key for record in drifted}


OTHERS = [pupil(str(number), of="11А") for number in range(1101, 1126)]
WEEK = [DAY + timedelta(days=number) for number in range(4)]
REMEMBERING = replace(USUAL, memory_hours=24)


def marked(people, *, without=(), raw="5"):
    """Two marks a day of each pupil over four days, but for some cells."""
    cells = [(one.key, day, column) for one in people for day in WEEK for column in (0, 1)]
    return [mark(who, raw, day=day, column=column) for who, day, column in cells if (who, day, column) not in without]


def bites(size):
    """The cells of the class, so many at a time, each pupil losing one after another."""
    cells = [(one.key, day, column) for day in WEEK for column in (0, 1) for one in CLASS]
    return [cells[start : start + size] for start in range(0, len(cells), size)]


@pytest.fixture
def two_classes(world):
    """Two classes of twenty-five with two hundred marks each, at the diary; the guard adds up over a day."""
    everyone = [school_class(), school_class("11А"), *CLASS, *OTHERS]
    world.consent(*(one.key for one in (*CLASS, *OTHERS)))
    world.read(roster(*everyone), feed=Feed.ROSTER)
    world.owners = [one.key for one in (*CLASS, *OTHERS)]
    world.read(marks(world.owners, *marked(CLASS), *marked(OTHERS)))
    world.settle_down()
    world.guarded(REMEMBERING)
    return world


def left_of(world, people):
    """How many marks of a class families still see."""
    names = {one.key for one in people}
    return sum(key.partition("/")[0] in names for key in world.seen())


def test_a_class_that_melts_in_a_window_of_many_is_held_alone(two_classes):
    """A third of one class's marks, a sixth of the window's, waits; another class's deletion and new marks go."""
    lost, deleted = {cell for bite in bites(70)[:1] for cell in bite}, (OTHERS[0].key, WEEK[0], 0)
    new = mark(CLASS[0].key, "4", lesson_id="new", day=WEEK[3])
    edited = [mark(one.key, "3", day=one_day, column=column) for one, one_day, column in [(OTHERS[1], WEEK[1], 1)]]
    rest = [one for one in marked(OTHERS, without={deleted}) if one.key != edited[0].key]
    two_classes.read(marks(two_classes.owners, *marked(CLASS, without=lost), *rest, *edited))
    [held] = two_classes.batches("held")
    assert held.reason == "marks/getmarks/10А: retract mark"
    two_classes.deliver()
    assert (left_of(two_classes, CLASS), left_of(two_classes, OTHERS)) == (200, 199)
    assert two_classes.seen()[edited[0].key] == "3"
    two_classes.read(marks(two_classes.owners, *marked(CLASS, without=lost), *rest, *edited, new))
    two_classes.deliver()
    assert two_classes.seen()[new.key] == "4"
    approve(two_classes.wiring, held.batch)
    two_classes.settle_down()
    assert left_of(two_classes, CLASS) == 131


def test_a_class_rewritten_in_a_window_of_many_is_held_alone(two_classes):
    """All marks of one class rewritten at once wait, and one of another class that was rewritten with them goes."""
    changed = mark(OTHERS[0].key, "4", day=WEEK[0])
    rest = [one for one in marked(OTHERS) if one.key != changed.key]
    two_classes.read(marks(two_classes.owners, *marked(CLASS, raw="2"), *rest, changed))
    two_classes.settle_down()
    assert two_classes.seen()[changed.key] == "4"
    assert set(two_classes.batches("held")[0].reason.split(": ")[1:]) == {"upsert mark"}
    assert "2" not in two_classes.seen().values()


@pytest.mark.parametrize("size", [9, 25])
def test_a_class_that_melts_by_bites_is_held_once_they_add_up(two_classes, size):
    """Whatever the bite, families lose no more than the share of one class within the span."""
    lost = set()
    for bite in bites(size)[: -(-90 // size)]:
        lost |= set(bite)
        two_classes.read(marks(two_classes.owners, *marked(CLASS, without=lost), *marked(OTHERS)))
        two_classes.deliver()
        two_classes.clock.move(minutes=5)
    assert left_of(two_classes, CLASS) == 200 - 60 // size * size
    assert left_of(two_classes, OTHERS) == 200


def test_bites_that_lie_a_day_apart_do_not_add_up(two_classes):
    """Nine marks in twenty-five hours are what a school may well delete."""
    lost = set()
    for bite in bites(9)[:10]:
        lost |= set(bite)
        two_classes.read(marks(two_classes.owners, *marked(CLASS, without=lost), *marked(OTHERS)))
        two_classes.deliver()
        two_classes.clock.move(minutes=25 * 60)
    assert (left_of(two_classes, CLASS), two_classes.batches("held")) == (110, [])


def test_what_an_operator_has_decided_about_counts_no_more(two_classes):
    """After his decision the next deletion of the day goes."""
    lost = set()
    for bite in bites(25)[:3]:
        lost |= set(bite)
        two_classes.read(marks(two_classes.owners, *marked(CLASS, without=lost), *marked(OTHERS)))
        two_classes.clock.move(minutes=5)
    [held] = two_classes.batches("held")
    assert approve(two_classes.wiring, held.batch) == 25
    two_classes.clock.move(minutes=5)
    lost |= set(bites(25)[3])
    two_classes.read(marks(two_classes.owners, *marked(CLASS, without=lost), *marked(OTHERS)))
    two_classes.settle_down()
    assert left_of(two_classes, CLASS) == 100


def test_a_class_whose_pupils_vanish_by_twos_is_held(two_classes):
    """Once more than a share of a class has left within a day, the next ones stay with all that is theirs."""
    everyone = [school_class(), school_class("11А"), *OTHERS]
    for number in range(2, 16, 2):
        two_classes.read(roster(*everyone, *CLASS[number:]), feed=Feed.ROSTER)
        two_classes.deliver()
    assert left_of(two_classes, CLASS) == 200 - 6 * 8


def test_the_end_of_a_consent_is_no_bite(two_classes):
    """What was gone long before a family withdrew its consent does not count as gone today."""
    lost = {(CLASS[0].key, day, column) for day in WEEK for column in (0, 1)}
    two_classes.guarded(LAX)
    two_classes.read(marks(two_classes.owners, *marked(CLASS, without=lost), *marked(OTHERS), believable=True))
    two_classes.clock.move(minutes=48 * 60)
    two_classes.withdraw(CLASS[0].key)
    since, owner = two_classes.clock.now() - REMEMBERING.memory, f"pupil:{CLASS[0].key}"
    with two_classes.tx() as tx:
        assert tx.records.lately([owner], [Kind.MARK], None, since) == {(Kind.MARK, owner): (0, 0)}
