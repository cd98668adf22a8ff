"""ports.Source by script, whose pages are set by the test, and by duty, which plans what is due of a little journal."""

from dataclasses import dataclass, field, replace
from hashlib import blake2b

from ejsync.domain.reads import urgency
from ejsync.domain.records import SCHOOL, Feed, owner_pupil
from ejsync.domain.windows import Page, Plan, Reading, Window
from tests.doubles import records


@dataclass
class ScriptedSource:
    """For each feed the answers of its windows: a Reading, or an error to raise at `fetch`."""

    answers: dict = field(default_factory=dict)
    plan_error: Exception | None = None
    read_error: Exception | None = None
    uncovered: list = field(default_factory=list)
    failures: dict = field(default_factory=dict)
    fetched: list = field(default_factory=list)
    rosters: list = field(default_factory=list)
    dues: list = field(default_factory=list)
    at_once: int = 1

    def script(self, feed, *answers):
        """Set what the windows of a feed answer, one answer a window."""
        self.answers[feed] = [
            (Window(feed, f"{feed}-{number}", f"get{feed}"), answer) for number, answer in enumerate(answers)
        ]

    def renew(self):
        """No rights to remember."""

    def plan(self, feed, due, roster):
        """One window for each scripted answer."""
        self.rosters.append(roster)
        self.dues.append(due)
        if self.plan_error is not None:
            raise self.plan_error
        windows = tuple(window for window, _ in self.answers.get(feed, []))
        return Plan(windows, tuple(self.uncovered), len(windows))

    def fetch(self, window, known=""):
        """Hand out the answer of a window, or raise it."""
        self.fetched.append(window)
        answer = next(answer for known, answer in self.answers[Feed(window.feed)] if known == window)
        if isinstance(answer, BaseException):
            raise answer
        return Page(window, answer)

    def read(self, page, roster):
        """A scripted answer is understood already."""
        if self.read_error is not None:
            raise self.read_error
        assert isinstance(page.payload, Reading)
        return replace(page.payload)

    def close(self):
        """Nothing to let go."""


@dataclass
class DutifulSource:
    """A journal of marks: `cells` by pupil, day and lesson. Plans what is due of its pupils and knows answers again.

    Attributes:
        size: how many pupils one request asks for.
        longest: how many days.
        poisoned: error that is raised for whoever asks for this pupil, by pupil.
        silent: pupils of whom nothing is answered, not even a structure.
        version: what an answer is understood by.
        fetched: what was asked for; `opened`: what was read out of it.
    """

    classes: dict = field(default_factory=lambda: {"10А": ["1001", "1002"]})
    cells: dict = field(default_factory=dict)
    size: int = 25
    longest: int = 14
    poisoned: dict = field(default_factory=dict)
    silent: set = field(default_factory=set)
    version: str = "1"
    at_once: int = 1
    failures: dict = field(default_factory=dict)
    fetched: list = field(default_factory=list)
    opened: list = field(default_factory=list)

    def renew(self):
        """No rights to remember."""

    def plan(self, feed, due, roster):
        """A window for each group of pupils of whom the same is due, and each of its stretches."""
        if feed is Feed.ROSTER:
            windows = [Window(feed, SCHOOL, "people", heat=item.heat, owners=(SCHOOL,)) for item in due(SCHOOL)[:1]]
            return Plan(tuple(windows), (), 1)
        if feed is not Feed.MARKS:
            return Plan(())
        groups = {}
        for pupil in roster.class_of():
            groups.setdefault(due(owner_pupil(pupil)), []).append(pupil)
        windows = [window for items, pupils in groups.items() for window in self._windows(items, pupils)]
        return Plan(tuple(sorted(windows, key=_place)), (), len(roster.class_of()))

    def _windows(self, items, pupils):
        for item in items:
            for number, days in enumerate(item.days.spans(self.longest)):
                for start in range(0, len(pupils), self.size):
                    some = tuple(pupils[start : start + self.size])
                    yield Window(
                        Feed.MARKS, f"{number}#{start}", "getmarks", "a", days, (), some, item.heat,
                        tuple(map(owner_pupil, some)),
                    )  # fmt: skip

    def fetch(self, window, known=""):
        """Answer with the cells of the window, or raise what one of its pupils is poisoned with."""
        self.fetched.append(window)
        for pupil in window.pupils:
            if pupil in self.poisoned:
                raise self.poisoned[pupil]
        answer = self._answer(window)
        digest = blake2b(f"{self.version}{answer}".encode()).hexdigest()
        unchanged = digest == known
        return Page(window, None if unchanged else answer, digest=digest, unchanged=unchanged)

    def _answer(self, window):
        if window.feed is Feed.ROSTER:
            return [(name, pupil) for name, pupils in self.classes.items() for pupil in pupils]
        return [
            (pupil, day, lesson, raw)
            for (pupil, day, lesson), raw in sorted(self.cells.items())
            if pupil in window.pupils and pupil not in self.silent and window.days.first <= day <= window.days.last
        ]

    def read(self, page, roster):
        """Every cell as a mark; whoever is not silent is believed when he has none."""
        self.opened.append(page.window)
        if page.window.feed is Feed.ROSTER:
            people = [records.pupil(pupil, of=name) for name, pupil in page.payload]
            return records.roster(*map(records.school_class, self.classes), *people)
        found = [records.mark(pupil, raw, lesson_id=lesson, day=day) for pupil, day, lesson, raw in page.payload]
        coverages = [
            one
            for pupil in page.window.pupils
            for one in records.marks([pupil], days=page.window.days, believable=pupil not in self.silent).coverages
        ]
        return Reading(tuple(found), tuple(coverages))

    def close(self):
        """Nothing to let go."""


def _place(window):
    return urgency(window), window.days.first
