"""Planning: which account reads what of whom, in which windows, and what nobody may read. Pure; speaks to no one.

Requests are the scarce good. Pupils are asked for in groups, across classes; days that are due for different reasons
but lie side by side go into one request where it may be long enough; and longer stretches are cut where the same
stretch was cut last time, so that an unchanged answer is known again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ejsync.domain.records import SCHOOL, Feed, owner_class, owner_pupil
from ejsync.domain.windows import Days, Due, Heat, Plan, Roster, Uncovered, Window
from ejsync.pipeline.ports import DueOf
from ejsync.sources.eljur.client.readers import RECEIVERS, Readers, roster_reader, sees_whole_school
from ejsync.sources.eljur.client.rights import Rights
from ejsync.sources.eljur.client.spans import joined
from ejsync.sources.eljur.config import EljurConfig

_PART = "part"
_URGENCY = {heat: position for position, heat in enumerate(Heat)}
SizeOf = Callable[[str, int], int]
"""How many pupils one request of a method over so many days asks for."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be planned, and with whose rights.

    Attributes:
        refused: accounts that were lately refused the list of people.
        uncovered: gathers what nobody may read.
        readable: gathers the owners whom somebody may read.
    """

    feed: Feed
    due: DueOf
    roster: Roster
    rights: Sequence[Rights]
    config: EljurConfig
    size_of: SizeOf
    refused: frozenset[str] = frozenset()
    uncovered: list[Uncovered] = field(default_factory=list)
    readable: set[str] = field(default_factory=set)

    @property
    def readers(self) -> Readers:
        """Return who may read what of whom."""
        return Readers(self.rights)


def plan_feed(ask: Ask) -> Plan:
    """List the windows of a feed, the most urgent first, older days before newer ones."""
    windows = sorted(_PLANNERS[ask.feed](ask), key=_order)
    return Plan(tuple(windows), tuple(ask.uncovered), len(ask.readable))


def _order(window: Window) -> tuple[int, date]:
    return _URGENCY[window.heat], window.days.first if window.days else date.min


def _roster(ask: Ask) -> Iterator[Window]:
    reader = roster_reader(ask.rights, ask.refused)
    scope = SCHOOL if sees_whole_school(reader) else _PART
    ask.readable.add(SCHOOL)
    for item in ask.due(SCHOOL)[:1]:
        yield Window(ask.feed, scope, RECEIVERS, reader.account, heat=item.heat, owners=(SCHOOL,))


def _periods(ask: Ask) -> Iterator[Window]:
    method = "getperiods"
    for name, pupils in ask.roster.classes.items():
        found = ask.readers.of_any_pupil(method, pupils)
        if found is None:
            ask.uncovered.append(Uncovered(method, name, (owner_class(name),)))
            continue
        ask.readable.add(owner_class(name))
        for item in ask.due(owner_class(name))[:1]:
            window = Window(ask.feed, name, method, found[0], classes=(name,), pupils=(found[1],))
            yield replace(window, heat=item.heat, owners=(owner_class(name),))


def _timetable(ask: Ask) -> Iterator[Window]:
    yield from _by_class(ask, "getschedule", ask.config.longest_span_days)


def _substitutions(ask: Ask) -> Iterator[Window]:
    yield from _by_class(ask, "getreplaces", 1)


def _homework(ask: Ask) -> Iterator[Window]:
    yield from _by_class(ask, "gethomework", ask.config.longest_span_days)
    yield from _by_pupils(ask, ("gethomework",), missing="gethomework:student")


def _diary(ask: Ask) -> Iterator[Window]:
    """Yield diaries, else timetables by pupil; whole where nobody reads the timetable of the pupil's class."""
    unread = {name for name in ask.roster.classes if ask.readers.of_class("getschedule", name) is None}
    for window in _by_pupils(ask, ("getdiary", "getschedule"), apart=unread):
        yield replace(window, whole=window.classes[0] in unread)


def _marks(ask: Ask) -> Iterator[Window]:
    yield from _by_pupils(ask, ("getmarks", "getdiary"))


def _finals(ask: Ask) -> Iterator[Window]:
    yield from _by_pupils(ask, ("getfinalassessments",))


def _by_class(ask: Ask, method: str, longest_days: int) -> Iterator[Window]:
    for name in ask.roster.classes:
        owner, account = owner_class(name), ask.readers.of_class(method, name)
        if account is None:
            ask.uncovered.append(Uncovered(method, name, (owner,)))
            continue
        ask.readable.add(owner)
        for item in joined(ask.due(owner), longest_days):
            yield Window(ask.feed, name, method, account, item.days, classes=(name,), heat=item.heat, owners=(owner,))


def _by_pupils(
    ask: Ask, methods: tuple[str, ...], *, missing: str = "", apart: frozenset[str] | set[str] = frozenset()
) -> Iterator[Window]:
    """Yield windows for groups of pupils; the first method that is granted for a pupil reads him.

    Args:
        missing: what uncovered pupils are counted under; by default the first method.
        apart: classes whose pupils are never in one group with others'.
    """
    class_of = ask.roster.class_of()
    groups: dict[tuple[str, str, bool, tuple[Due, ...]], list[str]] = {}
    for name, pupils in ask.roster.classes.items():
        read = ask.readers.of_pupils(methods, pupils)
        left = tuple(owner_pupil(pupil) for pupil in pupils if pupil not in read)
        if left:
            ask.uncovered.append(Uncovered(missing or methods[0], name, left))
        for pupil, (method, account) in read.items():
            ask.readable.add(owner_pupil(pupil))
            spans = joined(ask.due(owner_pupil(pupil)), _longest(ask, method))
            groups.setdefault((method, account, name in apart, spans), []).append(pupil)
    numbers: dict[str, int] = {}
    for (method, account, _, spans), members in groups.items():
        for item in spans:
            for some in _chunks(members, ask.size_of(method, _length(item.days))):
                classes = tuple(dict.fromkeys(class_of[pupil] for pupil in some))
                scope = classes[0] if len(classes) == 1 else f"{classes[0]}–{classes[-1]}"
                numbers[f"{scope}{item.days}"] = number = numbers.get(f"{scope}{item.days}", 0) + 1
                owners = tuple(map(owner_pupil, some))
                yield Window(
                    ask.feed, f"{scope}#{number}", method, account, item.days, classes, some, item.heat, owners
                )


def _longest(ask: Ask, method: str) -> int:
    return ask.config.longest_marks_span_days if method == "getmarks" else ask.config.longest_span_days


def _length(days: Days | None) -> int:
    return (days.last - days.first).days + 1 if days else 0


def _chunks(members: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    """Cut a group into parts of at most `most`, as even as may be."""
    parts = -(-len(members) // most)
    for part in range(parts):
        yield tuple(members[len(members) * part // parts : len(members) * (part + 1) // parts])


_PLANNERS: dict[Feed, Callable[[Ask], Iterator[Window]]] = {
    Feed.ROSTER: _roster,
    Feed.PERIODS: _periods,
    Feed.TIMETABLE: _timetable,
    Feed.SUBSTITUTIONS: _substitutions,
    Feed.DIARY: _diary,
    Feed.HOMEWORK: _homework,
    Feed.MARKS: _marks,
    Feed.FINALS: _finals,
}
