"""Truths about the invented people."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ejsync.sandbox.invented import Pupil, Teacher, class_names, invent_pupils, invent_teachers, level_of


def pupils(count, seed=1):
    """So many invented pupils."""
    return invent_pupils(Random(seed), count=count)


@given(st.integers(1, 4000))
def test_classes_follow_from_pupils(count):
    """Classes have about 25 pupils, distinct names and levels from 1 to 11."""
    names = class_names(count)
    assert len(set(names)) == len(names) == max(1, round(count / 25))
    assert all(1 <= level_of(name) <= 11 for name in names)


def test_every_class_has_pupils_and_no_class_is_crowded():
    """Pupils are spread evenly over their classes."""
    sizes = Counter(pupil.form for pupil in pupils(3000))
    assert set(sizes) == set(class_names(3000))
    assert set(sizes.values()) == {25}


def test_same_seed_same_people_other_seed_other_people():
    """People follow from the seed alone."""
    assert pupils(50) == pupils(50)
    assert pupils(50) != pupils(50, seed=2)


def test_ids_are_distinct_numeric_strings():
    """Ids are numbers as text, as ElJur gives them, and nobody shares one."""
    ids = [pupil.id for pupil in pupils(300)]
    assert len(set(ids)) == 300
    assert all(found.isdigit() for found in ids)


def test_a_large_school_has_awkward_names():
    """A large school holds namesakes, people without a patronymic, long names and the letter ё."""
    school = pupils(300)
    names = Counter((p.lastname, p.firstname, p.middlename) for p in school)
    assert max(names.values()) > 1
    assert any(not p.middlename for p in school)
    assert any("ё" in p.title for p in school)
    assert any("-" in p.lastname for p in school)


def test_teacher_is_spelled_short_and_full():
    """A teacher's short name has initials for the names that exist; some full names carry a stray double space."""
    assert Teacher("501", "Тестов", "Олег", "").short == "Тестов О."
    assert Teacher("501", "Тестов", "Олег", "Игоревич").full == "Тестов Олег Игоревич"
    assert Teacher("504", "Тестов", "Олег", "Игоревич").full == "Тестов  Олег  Игоревич"


def test_teachers_are_as_many_as_asked():
    """So many teachers are invented as the timetable hires."""
    assert len({teacher.id for teacher in invent_teachers(Random(1), count=40)}) == 40


def test_pupil_is_titled_surname_first():
    """A pupil's title is surname and name."""
    assert Pupil("1", "Тестова", "Анна", "", "5А", "И1").title == "Тестова Анна"


def test_level_is_what_the_name_begins_with():
    """A second round of letters is numbered, and that number is no level."""
    assert [level_of(name) for name in ("1А", "10Б", "9А2")] == [1, 10, 9]
