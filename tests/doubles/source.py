"""ports.Source whose pages are set by the test; an error may stand in the place of a page."""

from dataclasses import dataclass, field, replace

from ejsync.domain.records import Feed
from ejsync.domain.windows import Page, Plan, Reading, Window


@dataclass
class ScriptedSource:
    """For each feed the answers of its windows: a Reading, or an error to raise at `fetch`."""

    answers: dict = field(default_factory=dict)
    plan_error: Exception | None = None
    read_error: Exception | None = None
    uncovered: dict = field(default_factory=dict)
    failures: dict = field(default_factory=dict)
    fetched: list = field(default_factory=list)
    rosters: list = field(default_factory=list)
    planned_days: list = field(default_factory=list)

    def script(self, feed, *answers):
        """Set what the windows of a feed answer, one answer a window."""
        self.answers[feed] = [
            (Window(feed, f"{feed}-{number}", f"get{feed}"), answer) for number, answer in enumerate(answers)
        ]

    def plan(self, feed, days, roster):
        """One window for each scripted answer."""
        self.rosters.append(roster)
        self.planned_days.append(days)
        if self.plan_error is not None:
            raise self.plan_error
        return Plan(tuple(window for window, _ in self.answers.get(feed, [])), dict(self.uncovered))

    def fetch(self, window):
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
