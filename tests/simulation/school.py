"""An invented school: what its journal truly holds, by key, and how teachers and the office change it."""

from dataclasses import dataclass, field
from datetime import date, timedelta

COURSES = {"71": "Алгебра", "72": "Физика", "73": "История"}
RAWS = ("5", "4", "3", "2", "4+", "5-", "н", "оп", "зч", "4/5")
COMMENTS = ("", "", "Молодец", "Пересдача")
ABSENT = {"н", "оп"}
FINAL_RAWS = {"Алгебра": "54", "Физика": "32", "История": "зн"}
"""No subject has another's: one that loses what another gains at once would be taken for renamed (identity.md)."""
PERIODS = (("q1", "1 четверть"), ("q2", "2 четверть"))
METHODS = ("getmarks", "getfinalassessments", "getperiods")


@dataclass
class Cell:
    """One cell of the journal; a broken one cannot be read by any contract."""

    raw: str
    comment: str = ""
    weight: float = 1.0
    broken: bool = False


@dataclass
class School:
    """Pupils by class, marks by cell, final marks by subject and period.

    Attributes:
        marks: by pupil, then by (lesson, date).
        finals: by (pupil, subject, period).
        away: pupils who left or have not come yet.
    """

    year: int
    classes: dict = field(default_factory=dict)
    marks: dict = field(default_factory=dict)
    finals: dict = field(default_factory=dict)
    away: list = field(default_factory=list)
    titles: dict = field(default_factory=lambda: dict(PERIODS))

    @classmethod
    def founded(cls, rng, today, *, pupils):
        """A school in its usual state: some marks of the last days for everybody."""
        made = cls(today.year if today.month >= 9 else today.year - 1)
        ids = [str(1001 + number) for number in range(pupils + 2)]
        half = (pupils + 1) // 2
        made.classes = {"8А": ids[:half], "10Б": ids[half:pupils]}
        made.away = ids[pupils:]
        for pupil in ids:
            made.marks[pupil] = {}
            for back in rng.sample(range(1, 11), 3):
                place = rng.choice(list(COURSES)), today - timedelta(days=back)
                made.marks[pupil][place] = Cell(rng.choice(RAWS))
        for pupil in ids[: pupils // 2]:
            made.finals[pupil, "Алгебра", "q1"] = rng.choice(FINAL_RAWS["Алгебра"])
        return made

    def pupils(self):
        """Who is at the school."""
        return [pupil for pupils in self.classes.values() for pupil in pupils]

    def class_of(self, pupil):
        """The class of a pupil who is at the school."""
        return next(name for name, pupils in self.classes.items() if pupil in pupils)

    def truth(self, *, periods):
        """What families may know, in one word each, by kind and key; None for what cannot be read just now."""
        found = {("school_class", name): name for name, pupils in self.classes.items()}
        found["teacher", "501"] = "Пробный"
        for name in self.classes if periods else ():
            for period, title in self.titles.items():
                found["period", f"{name}/{self.year}/{period}"] = title
        for pupil in self.pupils():
            found["pupil", pupil] = self.class_of(pupil)
            for (lesson, day), cell in self.marks[pupil].items():
                kind = "absence" if cell.raw in ABSENT else "mark"
                said = cell.raw if kind == "absence" else f"{cell.raw}|{cell.comment}|{cell.weight}"
                found[kind, f"{pupil}/{lesson}/{day}/0"] = None if cell.broken else said
        here = set(self.pupils())
        for (pupil, subject, period), raw in self.finals.items():
            if pupil in here:
                found["final_mark", f"{pupil}/{self.year}/{subject}/{period}"] = raw
        return found


class Hands:
    """Whoever edits the journal: every edit is drawn from the world's own chance."""

    def __init__(self, school, rng):
        self.school, self._rng = school, rng

    def any(self, today):
        """Do one of the usual things, mostly marks; returns in a word what was done."""
        usual = (self.give, self.give, self.mend, self.mend, self.remove, self.swing, self.final, self.final)
        return self._rng.choice(usual)(today)

    def give(self, today):
        """Give a new mark, mostly today's."""
        pupil, lesson = self._rng.choice(self.school.pupils()), self._rng.choice(list(COURSES))
        day = today - timedelta(days=self._rng.choice((0, 0, 0, 1, 2, 7)))
        self.school.marks[pupil][lesson, day] = Cell(self._rng.choice(RAWS))
        return f"give {pupil}/{lesson}/{day}"

    def _some(self):
        pupils = [pupil for pupil in self.school.pupils() if self.school.marks[pupil]]
        if not pupils:
            return None
        pupil = self._rng.choice(pupils)
        return pupil, self._rng.choice(list(self.school.marks[pupil]))

    def mend(self, today):
        """Change a mark that stands."""
        if (found := self._some()) is None:
            return "mend nothing"
        pupil, place = found
        cell = self.school.marks[pupil][place]
        cell.raw = self._rng.choice([raw for raw in RAWS if raw != cell.raw])
        cell.comment = self._rng.choice(COMMENTS)
        return f"mend {pupil}/{place[0]}/{place[1]}"

    def mend_of(self, today, pupil):
        """Change a mark of one pupil."""
        for place, cell in sorted(self.school.marks[pupil].items(), reverse=True)[:1]:
            cell.raw = self._rng.choice([raw for raw in RAWS if raw != cell.raw])
            return f"mend {pupil}/{place[0]}/{place[1]}"
        return "mend nothing"

    def put_back(self, today, pupil, kept):
        """Take a pupil's marks back to what they were."""
        for place, cell in self.school.marks[pupil].items():
            cell.raw = kept.get(place, cell.raw)
        return f"put back {pupil}"

    def remove(self, today):
        """Remove a mark."""
        if (found := self._some()) is None:
            return "remove nothing"
        pupil, place = found
        del self.school.marks[pupil][place]
        return f"remove {pupil}/{place[0]}/{place[1]}"

    def swing(self, today):
        """Take a mark's value back and forth between two: A to B, later to A again."""
        if (found := self._some()) is None:
            return "swing nothing"
        pupil, place = found
        cell = self.school.marks[pupil][place]
        cell.raw = "3" if cell.raw == "4" else "4"
        return f"swing {pupil}/{place[0]}/{place[1]}"

    def final(self, today):
        """Give, change or take away a final mark."""
        place = self._rng.choice(self.school.pupils()), self._rng.choice(list(COURSES.values())), "q1"
        if place in self.school.finals and self._rng.random() < 0.2:
            del self.school.finals[place]
            return f"unfinal {place}"
        told = FINAL_RAWS[place[1]]
        self.school.finals[place] = self._rng.choice([raw for raw in told if raw != self.school.finals.get(place)])
        return f"final {place}"

    def move(self, today):
        """Move a pupil to the other class, if his own does not become empty."""
        one, other = self._rng.sample(list(self.school.classes), 2)
        if len(self.school.classes[one]) < 3:
            return "move nobody"
        pupil = self._rng.choice(self.school.classes[one])
        self.school.classes[one].remove(pupil)
        self.school.classes[other].append(pupil)
        return f"move {pupil}"

    def leave(self, today):
        """A pupil leaves the school."""
        name = max(self.school.classes, key=lambda one: len(self.school.classes[one]))
        if len(self.school.classes[name]) < 3:
            return "leave nobody"
        pupil = self._rng.choice(self.school.classes[name])
        self.school.classes[name].remove(pupil)
        self.school.away.append(pupil)
        return f"leave {pupil}"

    def arrive(self, today):
        """A pupil comes to the school, or comes back."""
        if not self.school.away:
            return "arrive nobody"
        pupil = self.school.away.pop(self._rng.randrange(len(self.school.away)))
        self.school.classes[self._rng.choice(list(self.school.classes))].append(pupil)
        return f"arrive {pupil}"

    def rename(self, today):
        """Give a study period another title."""
        self.school.titles["q2"] = self._rng.choice(("2 четверть", "II четверть", "Вторая четверть"))
        return "rename q2"

    def sweep_out(self, today):
        """Remove every mark of a pupil who has many: a mass that is truly meant."""
        pupil = max(self.school.pupils(), key=lambda one: len(self.school.marks[one]))
        self.school.marks[pupil].clear()
        return f"sweep out {pupil}"

    def spoil(self, today):
        """Let a cell hold what no contract takes; one with an absence would hold a mark then."""
        found = self._some()
        if found is None or self.school.marks[found[0]][found[1]].raw in ABSENT:
            return "spoil nothing"
        pupil, place = found
        self.school.marks[pupil][place].broken = True
        return f"spoil {pupil}/{place[0]}/{place[1]}"

    def heal(self):
        """Make every cell well again."""
        for cells in self.school.marks.values():
            for cell in cells.values():
                cell.broken = False


def day_of(instant, zone) -> date:
    """The school's date of an instant."""
    return instant.astimezone(zone).date()
