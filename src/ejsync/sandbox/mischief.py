"""Random edits with a seed: an ordinary day's changes in the simulated journal, as concrete edit documents."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from ejsync.sandbox.curriculum import CANCELLED
from ejsync.sandbox.edits import edit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ejsync.sandbox.edit_places import Done
    from ejsync.sandbox.invented import Pupil
    from ejsync.sandbox.markbook import Mark
    from ejsync.sandbox.rollbook import Rollbook

_ATTEMPTS = 200
_VALUES = ("5", "4", "3", "2", "4+", "5-", "Н", "ОП", "3/5")
_SMALL_SCHOOL = 5
_DAYS_AHEAD = 10
_LAST_NUMBER = 7
_LAST_ROOM = 49
_OTHER_SUBJECT_SHARE = 0.4


def random_edits(book: Rollbook, *, count: int, seed: int) -> list[Done]:
    """Make so many edits and return them; the same journal, count and seed give the same edits.

    Fewer come back where the journal is too empty to be edited.
    """
    rng = Random(f"edits/{seed}")
    makers, weights = list(_MAKERS), list(_MAKERS.values())
    done: list[Done] = []
    # A maker may find nothing to edit; bounded tries instead of a loop that never ends in an empty school.
    for _ in range(count * _ATTEMPTS):
        if len(done) == count:
            break
        maker = rng.choices(makers, weights)[0]
        if document := maker(book, rng):
            done.append(edit(book, document))
    return done


def _any_pupil(book: Rollbook, rng: Random) -> Pupil | None:
    return rng.choice(list(book.pupils.values())) if book.pupils else None


def _any_mark(book: Rollbook, rng: Random) -> tuple[Pupil, Mark] | None:
    pupil = _any_pupil(book, rng)
    marks = [mark for cells in book.marks[pupil.id].values() for mark in cells] if pupil else []
    return (pupil, rng.choice(marks)) if pupil and marks else None


def _mark_place(pupil: Pupil, mark: Mark) -> Done:
    place = {"pupil": pupil.id, "lesson_id": mark.lesson_id, "subject": mark.subject}
    return {**place, "date": mark.date.isoformat(), "nm": mark.nm}


def _correct_mark(book: Rollbook, rng: Random) -> Done | None:
    if (found := _any_mark(book, rng)) is None:
        return None
    others = [value for value in _VALUES if value != found[1].value]
    return {"op": "mark_changed", **_mark_place(*found), "value": rng.choice(others)}


def _remove_mark(book: Rollbook, rng: Random) -> Done | None:
    found = _any_mark(book, rng)
    return {"op": "mark_removed", **_mark_place(*found)} if found else None


def _add_mark(book: Rollbook, rng: Random) -> Done | None:
    pupil = _any_pupil(book, rng)
    held = [day for day in book.term.held_days if pupil and book.timetable[pupil.form].get(day)]
    if pupil is None or not held:
        return None
    day = rng.choice(held)
    subjects = [lesson.name for lesson in book.timetable[pupil.form][day] if lesson.name in book.courses[pupil.form]]
    if not subjects:
        return None
    place = {"pupil": pupil.id, "subject": rng.choice(subjects), "date": day.isoformat()}
    return {"op": "mark_added", **place, "value": rng.choice(_VALUES), "weight": rng.randint(1, 3)}


def _any_lesson(book: Rollbook, rng: Random) -> Done | None:
    form = rng.choice(book.forms)
    # Teachers replace and cancel what lies ahead; the past is rarely touched.
    days: list[date] = [day for day, lessons in book.timetable[form].items() if lessons and day >= book.term.today]
    if not days:
        return None
    day = rng.choice(days[:_DAYS_AHEAD])
    lesson = rng.choice(book.timetable[form][day])
    if lesson.name == CANCELLED:
        return None
    return {"class": form, "date": day.isoformat(), "num": lesson.num, "grp": lesson.grp, "subject": lesson.name}


def _replace_lesson(book: Rollbook, rng: Random) -> Done | None:
    if (place := _any_lesson(book, rng)) is None:
        return None
    document = {"op": "lesson_replaced", **place, "teacher_id": rng.choice(list(book.teachers))}
    together = sorted(book.courses[place["class"]].keys() - book.split[place["class"]])
    # Often the substitute teaches his own subject, in his own room; a subgroup's is left to its subject.
    if not place["grp"] and together and rng.random() < _OTHER_SUBJECT_SHARE:
        document |= {"subject": rng.choice(together), "room": str(rng.randint(1, _LAST_ROOM))}
    return document


def _move_lesson(book: Rollbook, rng: Random) -> Done | None:
    if (place := _any_lesson(book, rng)) is None:
        return None
    coming = [day.isoformat() for day in book.term.school_days if day >= book.term.today][:_DAYS_AHEAD]
    goal = {"to_date": rng.choice([place["date"], *coming]), "to_num": rng.randint(1, _LAST_NUMBER)}
    stays = (goal["to_date"], goal["to_num"]) == (place["date"], place["num"])
    # The autumn vacation carries items, but no lesson moves there.
    return None if stays or goal["to_date"] not in coming else {"op": "lesson_moved", **place, **goal}


def _change_room(book: Rollbook, rng: Random) -> Done | None:
    place = _any_lesson(book, rng)
    return {"op": "room_changed", **place, "room": str(rng.randint(1, _LAST_ROOM))} if place else None


def _plan_control(book: Rollbook, rng: Random) -> Done | None:
    place = _any_lesson(book, rng)
    return {"op": "control_planned", **place, "topic": f"Зачётная работа № {rng.randint(1, 9)}"} if place else None


def _call_control_off(book: Rollbook, rng: Random) -> Done | None:
    form = rng.choice(book.forms)
    days = {day: lessons for day, lessons in book.timetable[form].items() if day > book.term.today}
    planned = [lesson for lessons in days.values() for lesson in lessons if lesson.is_control]
    if not planned:
        return None
    lesson = rng.choice(planned)
    return {"op": "control_called_off", "class": form, "date": lesson.date.isoformat(), "num": lesson.num}


def _cancel_lesson(book: Rollbook, rng: Random) -> Done | None:
    place = _any_lesson(book, rng)
    return {"op": "lesson_cancelled", **place} if place else None


def _add_homework(book: Rollbook, rng: Random) -> Done | None:
    place = _any_lesson(book, rng)
    return {"op": "homework_added", **place, "text": f"Дополнительно: § {rng.randint(1, 60)}"} if place else None


def _change_homework(book: Rollbook, rng: Random) -> Done | None:
    form = rng.choice(book.forms)
    tasks = [task for of_day in book.homework[form].values() for task in of_day]
    if not tasks:
        return None
    task = rng.choice(tasks)
    place = {"class": form, "pupil": task.pupil, "date": task.date.isoformat(), "subject": task.subject}
    text = f"Исправлено: упр. {rng.randint(1, 300)}"
    return {"op": "homework_changed", **place, "grp": task.grp, "index": task.index, "text": text}


def _set_final(book: Rollbook, rng: Random) -> Done | None:
    pupil = _any_pupil(book, rng)
    if pupil is None or not book.finals[pupil.id]:
        return None
    final = rng.choice(book.finals[pupil.id])
    place = {"pupil": pupil.id, "subject": final.subject, "period": final.period}
    # A pupil who moved between quarters and half-years keeps finals of periods that his class lacks.
    known = {period.name for period in book.periods(pupil.form)}
    return {"op": "final_set", **place, "value": rng.choice("5432")} if final.period in known else None


def _leave(book: Rollbook, rng: Random) -> Done | None:
    pupil = _any_pupil(book, rng) if len(book.pupils) > _SMALL_SCHOOL else None
    return {"op": "pupil_left", "pupil": pupil.id} if pupil else None


def _join(book: Rollbook, rng: Random) -> Done:
    return {"op": "pupil_joined", "class": rng.choice(book.forms)}


def _move(book: Rollbook, rng: Random) -> Done | None:
    pupil = _any_pupil(book, rng)
    others = [form for form in book.forms if pupil and form != pupil.form]
    return {"op": "pupil_moved", "pupil": pupil.id, "class": rng.choice(others)} if pupil and others else None


# Weighed like a school day: many marks, some homework, now and then a pupil who comes or goes.
_MAKERS: dict[Callable[[Rollbook, Random], Done | None], int] = {
    _correct_mark: 25,
    _remove_mark: 10,
    _add_mark: 30,
    _replace_lesson: 6,
    _cancel_lesson: 3,
    _move_lesson: 2,
    _change_room: 2,
    _plan_control: 2,
    _call_control_off: 1,
    _add_homework: 10,
    _change_homework: 8,
    _set_final: 4,
    _leave: 1,
    _join: 2,
    _move: 1,
}
