"""Truths about the invented homework."""

from datetime import date, timedelta

from ejsync.sandbox.assignments import Task, file_link, next_index
from ejsync.sandbox.rollbook import invent_rollbook

BOOK = invent_rollbook(pupils=150, seed=3, today=date(2026, 11, 23))
TASKS = [task for homework in BOOK.homework.values() for tasks in homework.values() for task in tasks]
DAY = date(2026, 11, 23)


def a_task(*, grp="", pupil=None, index=1):
    """A task of class 7А for a group or a pupil."""
    return Task("7А", DAY, "Англ. яз.", grp, pupil, index, "упр. 1")


def test_homework_reaches_a_few_days_ahead():
    """Homework runs from the first school day to a few days after today, on school days only."""
    days = {task.date for task in TASKS}
    assert min(days) == date(2026, 9, 1)
    assert BOOK.term.today < max(days) <= BOOK.term.today + timedelta(days=4)
    assert days <= set(BOOK.term.school_days)


def test_every_kind_of_homework_occurs():
    """Some homework is for a group, some for one pupil, some has files, some subjects have two tasks."""
    assert any(task.grp for task in TASKS)
    assert any(task.pupil for task in TASKS)
    assert any(task.files for task in TASKS)
    assert any(task.index == 2 and not task.pupil for task in TASKS)


def test_id_is_unique_only_inside_its_day_and_lesson():
    """The id is the index, as ElJur's ids repeat from day to day."""
    assert {task.id for task in TASKS} == {task.index for task in TASKS}


def test_overlap_is_what_one_pupil_could_see_together():
    """A group's task meets the class's and its own, not the other group's; likewise for single pupils."""
    assert a_task(grp="И1").overlaps(grp="", pupil=None)
    assert not a_task(grp="И1").overlaps(grp="И2", pupil=None)
    assert a_task(pupil="7").overlaps(grp="И1", pupil="7")
    assert not a_task(pupil="7").overlaps(grp="И1", pupil="8")


def test_next_index_counts_what_is_seen_together():
    """A further task is numbered after those that could be seen with it, groups apart from each other."""
    tasks = [a_task(grp="И1"), a_task(grp="И1", index=2)]
    assert next_index(tasks, subject="Англ. яз.", grp="И1", pupil=None) == 3
    assert next_index(tasks, subject="Англ. яз.", grp="И2", pupil=None) == 1
    assert next_index(tasks, subject="Физика", grp="", pupil=None) == 1


def test_files_lie_nowhere():
    """A file's link points to a host that cannot exist."""
    assert file_link("a.pdf") == "https://files.invalid/a.pdf"
