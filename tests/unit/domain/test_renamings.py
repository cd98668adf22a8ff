"""Renamings: a subject's new name is no change; what only looks like one is told."""

from datetime import date

import pytest

from ejsync.domain.windows import Days
from tests.doubles.week import MONDAY, TUESDAY, Flow, held, lesson

NEW = "Алгебра и начала анализа"
NEXT, LATER = "2026-11-23", "2026-11-30"
FIRST_WEEK = Days(date(2026, 11, 16), date(2026, 11, 22))
NEXT_WEEK = Days(date(2026, 11, 23), date(2026, 11, 29))
REST = lesson(9, "Химия")


def algebra(*days, name="Алгебра", **fields):
    """The first lesson of some days."""
    return [lesson(1, name, day=day, **fields) for day in days]


def test_a_new_name_everywhere_is_no_change():
    """Every lesson of a subject shows another name under the same teacher: nothing is told, and the plan has it."""
    flow = Flow(*algebra(MONDAY, TUESDAY), REST)
    assert flow.read(*algebra(MONDAY, TUESDAY, name=NEW), REST) == {}
    flow.read(*algebra(MONDAY, name=NEW), *algebra(TUESDAY, name=NEW, room="17"), REST)
    [change] = flow.standing.values()
    assert (change["before"]["subject"], change["before"]["room"], change["after"]["room"]) == (NEW, "42", "17")
    flow.read(*algebra(MONDAY, TUESDAY), REST)
    assert flow.standing == {}, "and the way back: what was changed in its room is again what it was"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (algebra(MONDAY), algebra(MONDAY, name=NEW), 1),
        (algebra(MONDAY, TUESDAY), algebra(MONDAY, TUESDAY, name=NEW, teacher="Второй В. В."), 2),
        (algebra(MONDAY, TUESDAY, NEXT), [*algebra(MONDAY, TUESDAY, name=NEW), *algebra(NEXT)], 2),
        (algebra(MONDAY, TUESDAY), [*algebra(MONDAY, name=NEW), *algebra(TUESDAY, name="Физика")], 2),
        (algebra(MONDAY, TUESDAY), algebra(MONDAY, TUESDAY, name="Химия"), 2),
    ],
    ids=["one lesson", "another teacher", "some are left", "two names", "a subject that was taught"],
)
def test_what_is_no_renaming_is_told(before, after, told):
    """Where anything speaks against a new name, lessons are replaced."""
    flow = Flow(*before, REST)
    flow.read(*after, REST)
    assert list(flow.hows().values()) == ["replaced"] * told


def test_a_subject_that_was_planned_is_no_new_name():
    """Physics that was called off everywhere and now stands where algebra stood is not algebra's new name."""
    flow = Flow(*algebra(MONDAY, TUESDAY), lesson(3, "Физика"))
    flow.read(*algebra(MONDAY, TUESDAY), lesson(9, "Химия"))
    flow.read(*algebra(MONDAY, TUESDAY, name="Физика"), lesson(9, "Химия"))
    assert sorted(flow.hows().values()) == ["cancelled", "replaced", "replaced"]


def test_what_was_edited_at_the_same_time_follows():
    """Lessons of the subject that are gone or given by somebody else meanwhile are told under its new name."""
    flow = Flow(*algebra(MONDAY, TUESDAY, NEXT, LATER), REST)
    ill = algebra(NEXT, name=NEW, teacher="Второй В. В.")
    flow.read(*algebra(MONDAY, TUESDAY, name=NEW), *ill, REST)
    assert flow.hows() == {f"10А/{NEXT}/1/-": "replaced", f"10А/{LATER}/1/-": "cancelled"}
    assert {change["before"]["subject"] for change in flow.standing.values()} == {NEW}


def test_what_stands_is_told_under_the_new_name():
    """A lesson that was replaced, cancelled or moved before was planned under the name that the subject has now."""
    week = [*algebra(MONDAY, TUESDAY), lesson(4, "Химия", day=TUESDAY)]
    renamed = [*algebra(MONDAY, TUESDAY, name=NEW), lesson(4, "Химия", day=TUESDAY)]
    flow = Flow(*week, lesson(2), lesson(3), lesson(5))
    flow.read(*week, lesson(2, "Физика"), lesson(7, day=TUESDAY), lesson(5))
    flow.read(*week, lesson(2, "Физика"), lesson(7, day=TUESDAY), lesson(5, subject=None))
    hows = flow.hows()
    assert sorted(hows.values()) == ["cancelled", "moved", "replaced"]
    flow.read(*renamed, lesson(2, "Физика"), lesson(7, NEW, day=TUESDAY), lesson(5, subject=None))
    assert flow.hows() == hows
    assert {change["before"]["subject"] for change in flow.standing.values()} == {NEW}
    flow.read(*renamed, lesson(2, NEW), lesson(3, NEW), lesson(5, NEW))
    assert flow.standing == {}


def test_weeks_that_are_read_later_are_renamed_too():
    """Week after week shows the new name, even one with a single lesson: nothing is told of any."""
    flow = Flow(*algebra(MONDAY, TUESDAY, NEXT, LATER), REST)
    first = algebra(MONDAY, TUESDAY, name=NEW)
    assert flow.read(*first, *algebra(NEXT, LATER), REST, days=FIRST_WEEK) == {}
    assert flow.read(*first, *algebra(NEXT, name=NEW), *algebra(LATER), REST, days=NEXT_WEEK) == {}


def test_a_single_lesson_read_first_is_told_until_the_others_speak():
    """A week with one lesson shows a replacement; when another week shows the new name twice, it ends."""
    flow = Flow(*algebra(MONDAY, TUESDAY, NEXT), REST)
    flow.read(*algebra(MONDAY, TUESDAY), *algebra(NEXT, name=NEW), REST, days=NEXT_WEEK)
    assert flow.hows() == {f"10А/{NEXT}/1/-": "replaced"}
    flow.read(*algebra(MONDAY, TUESDAY, NEXT, name=NEW), REST, days=FIRST_WEEK)
    assert flow.standing == {}


def test_a_subject_taught_beside_another_is_not_its_new_name():
    """Where another week shows the old name among lessons of the other, both are taught, and one replaces the other."""
    both = [lesson(1), lesson(2, "Геометрия"), lesson(1, day=TUESDAY), lesson(3, "Геометрия", day=TUESDAY)]
    flow = Flow(*both, *algebra(NEXT), lesson(2, day=NEXT), REST)
    after = [lesson(1, "Геометрия", day=NEXT), lesson(2, "Геометрия", day=NEXT)]
    flow.read(*both, *after, REST, days=NEXT_WEEK)
    assert list(flow.hows().values()) == ["replaced", "replaced"]


def test_what_is_elsewhere_and_was_not_read_keeps_the_name_it_shows():
    """A change of another week whose lesson still shows the old name keeps it until that week is read."""
    flow = Flow(*algebra(MONDAY, TUESDAY, NEXT), REST)
    flow.read(*algebra(MONDAY, TUESDAY), *algebra(NEXT, room="17"), REST)
    first = algebra(MONDAY, TUESDAY, name=NEW)
    assert flow.read(*first, *algebra(NEXT, room="17"), REST, days=FIRST_WEEK) == {}
    [change] = flow.read(*first, *algebra(NEXT, name=NEW, room="17"), REST, days=NEXT_WEEK).values()
    assert (change["before"], change["after"]["subject"]) == (held(lesson(1, NEW, day=NEXT)), NEW)


def test_what_is_not_edited_is_looked_up_only_in_doubt():
    """While no lesson shows another subject under its teacher, nothing that is not edited is looked up."""
    flow = Flow(lesson(), REST)
    flow.read(lesson(room="17"), REST)
    flow.read(lesson(subject="Физика", teacher="Второй В. В."), REST)
    flow.read(REST)
    assert flow.hows() == {f"10А/{MONDAY}/1/-": "cancelled"}
    assert flow.lookups == 0
