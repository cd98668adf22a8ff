"""A timetable of an invented class, read again and again, with the changes that follow from it."""

from ejsync.domain.lesson_changes import Edit, Reach, slot
from ejsync.domain.renamings import changes_beside_renamings

MONDAY, TUESDAY, SATURDAY = "2026-11-16", "2026-11-17", "2026-11-21"


def lesson(number=1, subject="Алгебра", *, day=MONDAY, group=None, teacher="Первый П. П.", **fields):
    """A lesson of class 10А; without a subject it is cancelled."""
    plain = {"class": "10А", "pupil": None, "date": day, "number": number, "group": group, "subject": subject}
    rest = {"teacher": teacher, "teacher_id": None, "room": "42", "starts_at": None, "ends_at": None}
    return {**plain, **rest, "cancelled": subject is None, **fields}


def held(of):
    """What is compared of a lesson."""
    return {name: of[name] for name in ("subject", "teacher", "teacher_id", "room", "number", "date")}


def timetable(*lessons):
    """Lessons by key."""
    return {slot("10А", one["date"], one["number"], one["group"]): one for one in lessons}


class Flow:
    """What the flow does with readings of the timetable: it keeps the lessons last seen and the changes that stand."""

    def __init__(self, *lessons):
        self.seen, self.standing, self.settled, self.lookups = {}, {}, set(), 0
        self.read(*lessons)

    def read(self, *lessons, days=None):
        """Take in a whole reading and return what is told of it."""
        now = timetable(*lessons)
        edits = {
            key: Edit(self.seen.get(key), now.get(key)) for key in self.seen | now if self.seen.get(key) != now.get(key)
        }
        reach = Reach(days, self.settled, lambda: self._rest(edits))
        told = changes_beside_renamings(edits, self.standing, reach)
        kept = self.standing | told
        self.standing = {key: change for key, change in kept.items() if change is not None}
        self.seen = now
        self.settled |= {("class:10А", one["date"]) for one in lessons}
        return told

    def _rest(self, edits):
        self.lookups += 1
        return {key: one for key, one in self.seen.items() if key not in edits}

    def hows(self):
        """What became of lessons, by key."""
        return {key: change["change"] for key, change in self.standing.items()}
