"""Planning: which account reads what of whom, in which windows, and what nobody may read. Pure; speaks to no one."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ejsync.domain.records import SCHOOL, Feed
from ejsync.domain.windows import Days, Plan, Roster, Window
from ejsync.sources.eljur.client.rights import Rights
from ejsync.sources.eljur.config import EljurConfig

RECEIVERS = "getmessagereceivers"
_ADMINISTRATOR = "administrator"
_FAMILY = frozenset({"parent", "student"})
_PART = "part"
_STAFF = frozenset({_ADMINISTRATOR, "teacher", "helper"})


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be planned, and with whose rights.

    Attributes:
        refused: accounts that were lately refused the list of people.
        uncovered: gathers how many pupils nobody may read, by method.
    """

    feed: Feed
    days: Days
    roster: Roster
    rights: Sequence[Rights]
    config: EljurConfig
    refused: frozenset[str] = frozenset()
    uncovered: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Group:
    """Pupils of one class whom one account reads by one method."""

    method: str
    account: str
    pupils: tuple[str, ...]


def plan_feed(ask: Ask) -> Plan:
    """List the windows of a feed."""
    windows = tuple(_PLANNERS[ask.feed](ask))
    return Plan(windows, dict(ask.uncovered))


def sees_whole_school(rights: Rights) -> bool:
    """Tell whether an account's list of people is the school's: an administrator's, or granted by name to no family."""
    family = bool(rights.roles) and rights.roles <= _FAMILY
    return _ADMINISTRATOR in rights.roles or (rights.mentions(RECEIVERS) and not family)


def roster_reader(rights: Sequence[Rights], refused: frozenset[str] = frozenset()) -> Rights:
    """Choose who reads the list of people: granted by name, administrator, most classes, first in the settings.

    Whoever was refused gives way to other staff; a family's account sees a part only and reads where nobody else is.
    """
    staff = [one for one in rights if one.mentions(RECEIVERS) or one.roles & _STAFF]
    willing = [one for one in staff if one.account not in refused]
    return max(
        willing or staff or rights,
        key=lambda one: (
            sees_whole_school(one),
            one.mentions(RECEIVERS),
            _ADMINISTRATOR in one.roles,
            len(one.classes),
        ),
    )


def _roster(ask: Ask) -> Iterator[Window]:
    reader = roster_reader(ask.rights, ask.refused)
    yield Window(Feed.ROSTER, SCHOOL if sees_whole_school(reader) else _PART, RECEIVERS, account=reader.account)


def _periods(ask: Ask) -> Iterator[Window]:
    method = "getperiods"
    for name, pupils in ask.roster.classes.items():
        readers = ((one.account, pupil) for one in ask.rights for pupil in pupils if one.may_pupil(method, pupil))
        found = next(readers, None)
        if found:
            yield Window(ask.feed, name, method, account=found[0], classes=(name,), pupils=(found[1],))
        else:
            ask.uncovered[method] += len(pupils)


def _timetable(ask: Ask) -> Iterator[Window]:
    yield from _by_class(ask, "getschedule")


def _homework(ask: Ask) -> Iterator[Window]:
    yield from _by_class(ask, "gethomework")
    yield from _by_pupils(ask, ("gethomework",), missing="gethomework:student")


def _marks(ask: Ask) -> Iterator[Window]:
    yield from _by_pupils(ask, ("getmarks", "getdiary"))


def _finals(ask: Ask) -> Iterator[Window]:
    yield from _by_pupils(ask, ("getfinalassessments",))


def _by_class(ask: Ask, method: str) -> Iterator[Window]:
    for name, pupils in ask.roster.classes.items():
        account = next((one.account for one in ask.rights if one.may_class(method, name)), None)
        if account is None:
            ask.uncovered[method] += len(pupils)
            continue
        for span in ask.days.spans(ask.config.longest_span_days):
            yield Window(ask.feed, name, method, account=account, days=span, classes=(name,))


def _by_pupils(ask: Ask, methods: tuple[str, ...], *, missing: str = "") -> Iterator[Window]:
    """Yield windows for groups of pupils; the first method that is granted for a pupil reads him."""
    for name, pupils in ask.roster.classes.items():
        groups, left = _grouped(ask, methods, pupils)
        if left:
            ask.uncovered[missing or methods[0]] += left
        for number, group in enumerate(groups, 1):
            for span in _spans(ask, group.method):
                yield Window(ask.feed, f"{name}#{number}", group.method, group.account, span, (name,), group.pupils)


def _grouped(ask: Ask, methods: tuple[str, ...], pupils: tuple[str, ...]) -> tuple[list[Group], int]:
    """Share the pupils of a class out among accounts, whoever reads most of them first; count who is left."""
    groups: list[Group] = []
    left = list(pupils)
    size = ask.config.pupils_per_request
    for method in methods:
        for one in sorted(ask.rights, key=lambda rights: -sum(rights.may_pupil(method, pupil) for pupil in pupils)):
            own = [pupil for pupil in left if one.may_pupil(method, pupil)]
            left = [pupil for pupil in left if pupil not in own]
            groups += [Group(method, one.account, tuple(own[at : at + size])) for at in range(0, len(own), size)]
    return groups, len(left)


def _spans(ask: Ask, method: str) -> tuple[Days | None, ...]:
    if method == "getfinalassessments":
        return (None,)
    longest = ask.config.longest_marks_span_days if method == "getmarks" else ask.config.longest_span_days
    return ask.days.spans(longest)


_PLANNERS: dict[Feed, Callable[[Ask], Iterator[Window]]] = {
    Feed.ROSTER: _roster,
    Feed.PERIODS: _periods,
    Feed.TIMETABLE: _timetable,
    Feed.HOMEWORK: _homework,
    Feed.MARKS: _marks,
    Feed.FINALS: _finals,
}
