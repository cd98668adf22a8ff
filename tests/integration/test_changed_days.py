"""A simulated journal edited as schools edit it: lessons, their changes and control works, down to the families."""

import re
from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest

from ejsync.domain.records import Feed, owner_class, owner_pupil
from ejsync.domain.windows import Days, Window
from ejsync.pipeline.absorb import absorb
from ejsync.pipeline.normalise import normalise
from ejsync.sandbox.comparison import changed_lessons
from ejsync.sandbox.edits import edit
from ejsync.sandbox.expectation import Covered, Span, expected
from ejsync.sandbox.journal_state import journal_state
from tests.doubles.journal import PaperJournal
from tests.doubles.world import LAX, STRICT

WEEKS = Days(date(2026, 11, 16), date(2026, 11, 29))
WORKDAYS = [WEEKS.first + timedelta(days=number) for number in range(14) if number % 7 < 5]
SPAN = Span(WEEKS.first.isoformat(), WEEKS.last.isoformat())
COVERED = Covered(SPAN, SPAN, SPAN, SPAN)
KINDS = {"lesson", "lesson_change", "control_work", "calendar_day"}


class School:
    """A paper journal, the flow that reads it, and the strict diary at its end."""

    def __init__(self, world):
        self.world, self.journal = world, PaperJournal(5)
        self.book = self.journal.book
        self.form = self.book.forms[-1]
        world.consent(*self.book.pupils)

    def edit(self, op, **fields):
        """Edit the journal."""
        edit(self.book, {"op": op, "class": self.form, **fields})

    def read(self, *, unread=()):
        """Read two weeks of every class; of those in `unread` nobody may read the timetable by class."""
        for name, pupils in self.journal.roster.classes.items():
            if name not in unread:
                self._take_in(Feed.TIMETABLE, "getschedule", name, WEEKS)
                for day in WORKDAYS:
                    self._take_in(Feed.SUBSTITUTIONS, "getreplaces", name, Days(day, day))
            for method in ("getdiary", "getschedule"):
                self._take_in(Feed.DIARY, method, name, WEEKS, pupils, whole=name in unread)

    def _take_in(self, feed, method, name, days, pupils=(), *, whole=False):
        owners = tuple(map(owner_pupil, pupils)) or (owner_class(name),)
        window = Window(feed, name, method, days=days, classes=(name,), pupils=pupils, owners=owners, whole=whole)
        reading = self.journal.reading(window)
        with self.world.tx() as tx:
            absorbed = absorb(
                self.world.wiring, tx, window, reading.coverages, normalise(self.world.wiring, reading.records)
            )
        assert not absorbed.counts["quarantined"]

    def at_families(self):
        """What families see of lessons, their changes and control works."""
        self.world.settle_down(hours=1)
        return {name: data for name, data in self.world.ed.live().items() if name[0] in KINDS}

    def wanted(self):
        """What the comparator, which shares nothing with the flow, expects them to see."""
        journal = orjson.loads(orjson.dumps(journal_state(self.book)))
        whole = expected(journal, permitted=set(self.book.pupils), covered=COVERED)
        told = {name: data for name, data in whole.items() if name[0] in KINDS}
        return told | changed_lessons(journal, self.world.ed.live(), COVERED)

    def changes(self):
        """How each changed lesson of the class edited stands, with numbers and subjects."""
        found = {}
        for (kind, key), data in self.at_families().items():
            if kind == "lesson_change" and data["class"] == self.form:
                sides = [(data[side] or {}).get("number") for side in ("before", "after")]
                found[key] = (data["change"], *sides)
        return found

    def lessons(self, *, day):
        """The lessons of the class edited that stand alone under their number on one day, by number."""
        table = self.book.timetable[self.form][day]
        return {one.num: one for one in table if not one.grp and not one.cancelled}


@pytest.fixture
def school(world):
    """A school of which two weeks were read once."""
    made = School(world)
    made.read()
    return made


def test_two_weeks_arrive_as_the_comparator_expects(school):
    """Lessons, clubs, days, control works and lessons cancelled from the start: nothing lacks, nothing is beyond."""
    seen = school.at_families()
    assert seen == school.wanted()
    assert {kind for kind, _ in seen} == KINDS
    assert any(kind == "lesson" and data["pupil"] for (kind, _), data in seen.items())


def test_every_edit_of_a_timetable_is_told_and_taken_back(school):
    """Replaced, cancelled, moved and in another room: each is told with its plan; the way back ends it."""
    day, other = date(2026, 11, 24), date(2026, 11, 26)
    lessons = school.lessons(day=day)
    first, second, third, last = sorted(lessons)[:4]
    subject, room = lessons[first].name, lessons[third].room
    place = {"date": day.isoformat()}
    before = school.changes()
    school.edit("lesson_replaced", **place, num=first, teacher_id="502", subject="Черчение")
    school.edit("lesson_cancelled", **place, num=second)
    school.edit("room_changed", **place, num=third, room="актовый зал")
    school.edit("lesson_moved", **place, num=last, to_date=other.isoformat(), to_num=8)
    school.read()
    key = f"{school.form}/{day}/{{}}/-".format
    told = {name: change for name, change in school.changes().items() if name not in before}
    assert told == {
        key(first): ("replaced", first, first),
        key(second): ("cancelled", second, None),
        key(third): ("replaced", third, third),
        key(last): ("moved", last, 8),
    }
    assert school.at_families() == school.wanted()
    planned = school.at_families()["lesson_change", key(first)]
    assert (planned["before"]["subject"], planned["after"]["subject"]) == (subject, "Черчение")
    school.edit("room_changed", **place, num=third, room=room)
    school.edit("lesson_moved", date=other.isoformat(), num=8, to_date=day.isoformat(), to_num=last)
    school.read()
    assert {name for name in school.changes() if name not in before} == {key(first), key(second)}
    assert school.at_families() == school.wanted()


def test_renamed_split_and_joined_subjects_are_no_changes(school):
    """Another name and other groups are told by the lessons; what stood of them ends, or bears the new name."""
    day = date(2026, 11, 24)
    lessons = school.lessons(day=day)
    number = min(num for num, one in lessons.items() if one.name == "Алгебра")
    before = school.changes()
    school.edit("room_changed", date=day.isoformat(), num=number, room="актовый зал")
    school.read()
    assert school.changes().keys() - before.keys() == {f"{school.form}/{day}/{number}/-"}
    school.edit("subject_renamed", subject="Алгебра", name="Анализ")
    school.read()
    told = school.at_families()["lesson_change", f"{school.form}/{day}/{number}/-"]
    assert (told["before"]["subject"], told["after"]["subject"]) == ("Анализ", "Анализ")
    assert school.changes().keys() - before.keys() == {f"{school.form}/{day}/{number}/-"}
    assert school.at_families() == school.wanted()
    for op in ("class_split", "class_joined"):
        school.edit(op, subject="Анализ", since=WEEKS.first.isoformat())
        school.read()
        assert school.changes().keys() <= before.keys()
        assert school.at_families() == school.wanted()


def test_control_works_come_and_go_with_the_teachers_plan(school):
    """One planned is told to every pupil who sees the lesson; called off, it is gone."""
    day = date(2026, 11, 25)
    number = min(num for num, one in school.lessons(day=day).items() if not one.is_control)
    place = {"date": day.isoformat(), "num": number}
    school.edit("control_planned", **place, topic="Итог четверти")
    school.read()
    works = [data for (kind, _), data in school.at_families().items() if kind == "control_work"]
    planned = [data for data in works if data["topic"] == "Итог четверти"]
    assert {data["pupil"] for data in planned} == set(school.journal.roster.classes[school.form])
    assert school.at_families() == school.wanted()
    school.edit("control_called_off", **place)
    school.read()
    assert school.at_families() == school.wanted()


def test_a_wiped_timetable_announces_nothing(school):
    """A class's lessons vanish: they are held, and so is every change that would follow; restored, nothing was said."""
    before = school.at_families()
    school.world.guarded(STRICT)
    school.edit("timetable_wiped")
    school.read()
    kept = {name: data for name, data in school.at_families().items() if name[0] != "control_work"}
    assert kept == {name: data for name, data in before.items() if name[0] != "control_work"}
    school.edit("timetable_restored")
    school.read()
    assert school.at_families() == before == school.wanted()


def test_a_timetable_that_nobody_reads_by_class_comes_by_pupil(world):
    """Every lesson that a pupil attends is his own record then, none is the class's; read by class at last, they go."""
    school = School(world)
    school.read(unread={school.form})
    seen = school.at_families()
    pupil = school.journal.roster.classes[school.form][0]
    own = {key: data for (kind, key), data in seen.items() if kind == "lesson" and data["pupil"] == pupil}
    attended = [
        one
        for day in WORKDAYS
        for one in school.book.timetable[school.form].get(day, ())
        if one.grp in {"", school.book.pupils[pupil].group}
    ]
    assert len([key for key in own if re.search(r"/\d/[^/]+$", key)]) == len(attended)
    assert not [key for (kind, key), data in seen.items() if data["class"] == school.form and kind == "lesson_change"]
    assert not [key for (kind, key), data in seen.items() if kind == "lesson" and key.startswith(f"{school.form}/")]
    world.guarded(replace(LAX, least_count=9999, most_count=9999, wiped_count=9999))
    school.read()
    assert school.at_families() == school.wanted()
