"""The account of lessons."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.lesson_accounts import Lessons, Taught, is_substitution, lesson_accounts
from tests.doubles.class_journal import CLASS, QUARTER, change, control_work, held, lesson, planned

TODAY = date(2026, 9, 16)
ALGEBRA = Taught("Алгебра", CLASS, QUARTER, TODAY)
PHYSICS = Taught("Физика", CLASS, QUARTER, TODAY)
OTHER = {"teacher": "Пробная М. И."}


def account(taught=ALGEBRA, **known):
    """The only account of a subject."""
    (found,) = lesson_accounts(taught, Lessons(**known))
    return {name: value for name, value in found.items() if value}


def test_an_account_by_hand():
    """Six lessons: two held (one by another teacher), one cancelled, one lost to physics; one moved and one to come."""
    days = ["2026-09-14", "2026-09-15", "2026-09-16", "2026-09-17", "2026-09-18", "2026-09-21"]
    plain, swapped, cancelled, lost, moved, ahead = (lesson(day) for day in days)
    physics = {**lost, "subject": "Физика"}
    target = lesson("2026-09-22", 5)
    changes = [
        change("replaced", held(swapped, **OTHER), held(swapped), at=swapped),
        change("cancelled", held(cancelled), None, at=cancelled),
        change("replaced", held(lost), held(physics), at=lost),
        change("moved", held(moved), held(target), at=moved),
    ]
    lessons = [plain, swapped, {**cancelled, "subject": None, "cancelled": True}, physics, target, ahead]
    known = {"lessons": lessons, "changes": changes, "curriculum": [planned(8, works=2), planned(9, period="q2")]}
    assert account(**known, control_works=[control_work("2026-09-21"), control_work("2026-09-21", who="1002")]) == {
        "planned_hours": 8, "in_timetable": 6, "held": 2, "replaced": 1, "cancelled": 2, "to_come": 2,
        "control_works": 1, "planned_control_works": 2,
    }  # fmt: skip
    assert account(PHYSICS, **known) == {"in_timetable": 1, "to_come": 1}


def test_a_lesson_in_the_place_of_another_subject_is_a_replaced_one():
    """Physics that was held where algebra was planned counts for physics as held and replaced."""
    physics = lesson(subject="Физика")
    changes = [change("replaced", held(physics, subject="Алгебра"), held(physics), at=physics)]
    assert account(PHYSICS, lessons=[physics], changes=changes) == {"in_timetable": 1, "held": 1, "replaced": 1}
    assert account(ALGEBRA, lessons=[physics], changes=changes) == {"in_timetable": 1, "cancelled": 1}


def test_another_room_is_no_replacement():
    """A lesson in another room is held as planned."""
    row = lesson()
    changes = [change("replaced", held(row, room="1"), held(row), at=row)]
    assert account(lessons=[row], changes=changes) == {"in_timetable": 1, "held": 1}


def test_a_cancelled_lesson_that_kept_its_name_is_lost_once():
    """A lesson shown as cancelled is lost, with a change beside it or without one."""
    row = {**lesson(), "cancelled": True}
    changes = [change("cancelled", held(row), None, at=row)]
    assert account(lessons=[row]) == account(lessons=[row], changes=changes) == {"in_timetable": 1, "cancelled": 1}


def test_a_moved_lesson_is_counted_where_it_went():
    """The place it left, even when shown as cancelled, is no lost lesson."""
    left, target = {**lesson(), "cancelled": True}, lesson("2026-09-15")
    changes = [change("moved", held(left), held(target), at=left)]
    assert account(lessons=[left, target], changes=changes) == {"in_timetable": 1, "held": 1}


def test_the_lessons_of_the_day_itself_count_as_held():
    """On the day of the look its lessons are held, those of the next are to come."""
    assert account(lessons=[lesson("2026-09-16"), lesson("2026-09-17")]) == {"in_timetable": 2, "held": 1, "to_come": 1}


def test_lessons_of_single_pupils_and_other_days_are_left_out():
    """A pupil's own lesson, a lesson of another period and one of another subject are not counted."""
    rows = [lesson(pupil="1001"), lesson("2026-11-10"), lesson(subject="Физика")]
    assert account(lessons=rows) == {}


def test_groups_have_accounts_of_their_own():
    """Groups stand in their order after the class, and hours without a group are meant for each."""
    rows = [lesson(group="И2"), lesson(group="И1"), lesson("2026-09-15", group="И1"), lesson("2026-09-18")]
    found = lesson_accounts(ALGEBRA, Lessons(rows, curriculum=[planned(9), planned(7, group="И2")]))
    assert [(row["group"], row["planned_hours"], row["held"], row["to_come"]) for row in found] == [
        (None, 9, 0, 1), ("И1", 9, 2, 0), ("И2", 7, 1, 0),
    ]  # fmt: skip


def test_hours_without_lessons_are_seen():
    """A planned subject that stands in no timetable has an account with its hours and nothing else."""
    assert account(curriculum=[planned(9)]) == {"planned_hours": 9}
    assert account(curriculum=[planned(9, group="И1")]) == {"group": "И1", "planned_hours": 9}


@pytest.mark.parametrize(
    ("before", "after", "somebody_else"),
    [
        (None, held(lesson()), True),
        (held(lesson()), held(lesson()), False),
        (held(lesson(), teacher_id="1"), held(lesson(), teacher="Пробный П.П.", teacher_id="1"), False),
        (held(lesson(), teacher_id="1"), held(lesson(), teacher_id="2"), True),
        (held(lesson(), teacher_id="1"), held(lesson(), **OTHER), True),
        (held(lesson()), held(lesson(), subject="Физика"), True),
    ],
)
def test_what_a_substitution_is(before, after, somebody_else):
    """Another person or subject is one, and what nobody saw planned; another spelling under the same id is none."""
    assert is_substitution(before, after) is somebody_else


PLACES = st.tuples(st.integers(0, 30), st.integers(1, 3), st.sampled_from([None, "И1", "И2"]))
FATES = st.sampled_from(["stands", "cancelled", "lost", "substituted", "moved"])


def journal(fates):
    """Lessons and changes of algebra by place and fate; what is moved goes to an hour of its own."""
    lessons, changes = [], []
    for number, ((days, hour, group), fate) in enumerate(fates.items()):
        row = lesson((date(2026, 9, 2) + timedelta(days=days)).isoformat(), hour, group=group)
        other = {**row, "subject": "Физика"} if fate == "lost" else row
        if fate in ("cancelled", "moved"):
            target = {**row, "number": 4 + number % 16, "date": row["date"]}
            lessons += [target] if fate == "moved" else []
            changes.append(change(fate, held(row), held(target) if fate == "moved" else None, at=row))
        else:
            lessons.append(other)
        if fate in ("lost", "substituted"):
            changes.append(change("replaced", held(row, **OTHER), held(other), at=row))
    return Lessons(lessons, changes)


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(PLACES, FATES, max_size=30), st.integers(0, 40))
def test_nothing_is_lost_from_the_account(fates, today):
    """Planned = held + cancelled + to come, each lesson once, and the accounts of the groups add up to all of them."""
    taught = Taught("Алгебра", CLASS, QUARTER, date(2026, 9, 1) + timedelta(days=today))
    found = lesson_accounts(taught, journal(fates))
    for row in found:
        assert row["in_timetable"] == row["held"] + row["cancelled"] + row["to_come"]
        assert row["replaced"] <= row["held"]
    assert sum(row["in_timetable"] for row in found) == len(fates)
    assert sum(row["cancelled"] for row in found) == sum(fate in ("cancelled", "lost") for fate in fates.values())
