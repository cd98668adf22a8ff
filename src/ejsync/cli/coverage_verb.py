"""`source coverage`: which pupils and reads nobody's account may read, by class, and what to ask the school for."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.failing import told
from ejsync.cli.next_step import commanded, remedy
from ejsync.cli.showing import BAD, GOOD, WARNING
from ejsync.cli.speaking import Verb, as_json, of_school
from ejsync.errors import EjsyncError
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ejsync.bootstrap import Exchange
    from ejsync.domain.reads import History
    from ejsync.domain.records import Feed
    from ejsync.domain.windows import Plan, Roster, Uncovered
    from ejsync.pipeline.ports import Wiring

_BY_CLASS = N_(
    "{methods} for the classes {classes}: a staff or service account that relates to these classes and has these rights"
    " (getrules lists them under relations.groups)"
)
_BY_PUPIL = N_(
    "{methods} for {pupils}: an account that relates to these pupils, such as a class bridge account or a family's, and"
    " has these rights (getrules lists them under relations.students)"
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A read of some of a class that nobody may make.

    Attributes:
        owners: the class, or the pupils of it.
        missing: pupils who are not read; where the read is by class, all of them.
        lost: how many of the missing were read before.
        read_at: when any of them was last read: the right was lost since. None if none ever was.
    """

    feed: str
    method: str
    school_class: str
    owners: tuple[str, ...]
    missing: int
    pupils: int
    lost: int
    read_at: datetime | None

    @property
    def by_class(self) -> bool:
        """Tell whether it is the class that is read, not each pupil."""
        return not any(owner.startswith("pupil:") for owner in self.owners)


@dataclass(frozen=True, slots=True)
class Share:
    """What one account reads by one method: of which classes, and of which pupils where it reads each by himself."""

    account: str
    method: str
    classes: frozenset[str]
    pupils: frozenset[str]


@dataclass(slots=True)
class Coverage:
    """What the accounts of one school may read together.

    Attributes:
        pupils: how many are known.
        idle: accounts that read nothing: others do it, or they have no rights.
    """

    school: str
    zone: ZoneInfo
    pupils: int
    gaps: list[Gap]
    shares: list[Share]
    idle: list[str]
    failures: list[EjsyncError]


@click.command(
    "coverage",
    cls=Verb,
    help=N_(
        "Show what the accounts of a school may read together: by class, the pupils and reads that nobody may read,"
        " rights that were lost, and what to ask the school for."
    ),
    examples=("ejsync source coverage", "ejsync source coverage --school lyceum --json"),
)
@of_school
@as_json
@pass_desk
def coverage(desk: Desk, *, school: str | None, as_json: bool) -> None:
    """Work the coverage out of the accounts' rights and of who is known."""
    with desk.exchange() as exchange:
        found = [covered(exchange, wiring) for wiring in exchange.school(school)]
    if as_json:
        showing.document({"schools": [_told(one) for one in found]})
        return
    for one in found:
        _show(one)


def covered(exchange: "Exchange", wiring: "Wiring") -> Coverage:
    """Ask every account for its rights, and gather gaps and shares of every feed that is switched on.

    Raises:
        EjsyncError: no account works, or the journal cannot be asked.
    """
    gaps: list[Gap] = []
    plans: list[Plan] = []
    wiring.source.renew()
    with exchange.store.read(wiring.school) as tx:
        roster, histories = tx.records.roster(), {feed: tx.readings.history(feed) for feed in exchange.asked_feeds()}
    for feed, history in histories.items():
        plan = wiring.source.plan(feed, _everything, roster)
        plans.append(plan)
        gaps += [_gap(feed, gap, roster, history) for gap in plan.uncovered]
    shares, failures = _shares(plans), wiring.source.failures
    reading = {share.account for share in shares}
    idle = [name for name in _accounts(exchange, wiring) if name not in reading and name not in failures]
    pupils = len(roster.class_of())
    return Coverage(wiring.school, wiring.zone, pupils, gaps, shares, idle, list(failures.values()))


def _accounts(exchange: "Exchange", wiring: "Wiring") -> list[str]:
    source = next(one.source for one in exchange.settings.schools if one.name == wiring.school)
    return [account.name for account in getattr(source, "accounts", ())]


def _everything(_owner: str) -> Any:
    from ejsync.domain.windows import Due, Heat

    return (Due(Heat.HOT, None),)


def _gap(feed: "Feed", gap: "Uncovered", roster: "Roster", history: "dict[str, History]") -> Gap:
    pupils, known = len(roster.classes.get(gap.school_class, ())), [one for one in gap.owners if one in history]
    last = max((read.at for owner in known for read in history[owner].reads), default=None)
    found = Gap(feed.value, gap.method, gap.school_class, gap.owners, len(gap.owners), pupils, len(known), last)
    return replace(found, missing=pupils, lost=pupils if known else 0) if found.by_class else found


def _shares(plans: "Iterable[Plan]") -> list[Share]:
    classes: dict[tuple[str, str], set[str]] = {}
    pupils: dict[tuple[str, str], set[str]] = {}
    for window in (window for plan in plans for window in plan.windows):
        place = (window.account, window.method)
        classes.setdefault(place, set()).update(window.classes)
        pupils.setdefault(place, set()).update(window.pupils)
    return [Share(*place, frozenset(classes[place]), frozenset(pupils[place])) for place in sorted(classes)]


def _told(one: Coverage) -> dict[str, Any]:
    gaps = [
        {
            "feed": gap.feed,
            "method": gap.method,
            "class": gap.school_class,
            "missing_pupils": gap.missing,
            "lost_pupils": gap.lost,
            "pupils": gap.pupils,
            "last_read_at": gap.read_at,
        }
        for gap in one.gaps
    ]
    shares = [
        {"account": share.account, "method": share.method, "classes": len(share.classes), "pupils": len(share.pupils)}
        for share in one.shares
    ]
    return {
        "school": one.school,
        "pupils": one.pupils,
        "gaps": gaps,
        "accounts": shares,
        "idle_accounts": one.idle,
        "failed_accounts": [told(error) for error in one.failures],
        "ask_for": _wanted(one.gaps),
    }


def _show(one: Coverage) -> None:
    showing.heading(say(N_("School {school}"), school=one.school))
    heads = (N_("Account"), N_("Classes"), N_("Pupils"), N_("Read"))
    accounts = dict.fromkeys(share.account for share in one.shares)
    rows = [_account_row(name, [share for share in one.shares if share.account == name]) for name in accounts]
    nothing = say(N_("nothing that others do not read already"))
    showing.table([say(head) for head in heads], [*rows, *([name, "-", "-", nothing] for name in one.idle)])
    showing.line()
    if one.failures:
        _show_failures(one)
    if not one.pupils:
        showing.line(say(N_("Nobody is known yet: the first read of the roster tells who there is to ask for.")))
        showing.line(f"→ {commanded('ejsync sync --feed roster')}")
    elif not one.gaps:
        everyone = say_count("Every read of {count} pupil", "Every read of {count} pupils", one.pupils)
        showing.line(say(N_("{what} is covered."), what=everyone), GOOD)
    else:
        _show_gaps(one)


def _account_row(name: str, shares: list[Share]) -> list[showing.Cell]:
    classes = frozenset[str]().union(*(share.classes for share in shares))
    pupils = frozenset[str]().union(*(share.pupils for share in shares))
    return [name, len(classes) or "-", len(pupils) or "-", ", ".join(share.method for share in shares)]


def _show_failures(one: Coverage) -> None:
    """Say that gaps may be no want of rights: whoever cannot be used reads nothing either."""
    for error in one.failures:
        showing.line(f"{error.code} {error.sentence()}", BAD)
        showing.line(f"→ {remedy(error)}")
    showing.line(say(N_("What these accounts may read is not known, and counts as read by nobody.")), BAD)
    showing.line()


def _show_gaps(one: Coverage) -> None:
    heads = (N_("Class"), N_("Feed"), N_("Read"), N_("Not read"), N_("Lost"), N_("Last read"))
    rows = [
        [
            gap.school_class,
            gap.feed,
            gap.method,
            (say(N_("{missing} of {pupils}"), missing=gap.missing, pupils=gap.pupils), WARNING),
            (gap.lost, BAD) if gap.lost else "-",
            (showing.local(gap.read_at, one.zone), BAD) if gap.read_at else "-",
        ]
        for gap in sorted(one.gaps, key=lambda gap: (gap.school_class, gap.feed, gap.method))
    ]
    showing.line(say(N_("Nobody may read (pupils):")))
    showing.table([say(head) for head in heads], rows)
    showing.line()
    if any(gap.lost for gap in one.gaps):
        lost = N_("Lost: read before, until the right went. What the diary has of it stays, and grows old.")
        showing.line(say(lost), BAD)
        showing.line()
    showing.line(say(N_("Ask the school for:")))
    for sentence in _wanted(one.gaps):
        showing.marked("→", sentence, WARNING)
    showing.line(say(N_("Then name the new account in the settings (schools.source.accounts):")))
    showing.line(f"→ {commanded('ejsync doctor')}")


def _wanted(gaps: list[Gap]) -> list[str]:
    """Say what would close the gaps: methods that are wanted of the very same pupils or classes in one sentence."""
    owners: dict[tuple[str, bool], dict[str, str]] = {}
    for gap in gaps:
        place = gap.method.partition(":")[0], gap.by_class
        owners.setdefault(place, {}).update(dict.fromkeys(gap.owners, gap.school_class))
    methods: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for (method, _), whose in owners.items():
        methods.setdefault(tuple(whose.items()), []).append(method)
    return [_want(named, dict(whose)) for whose, named in methods.items()]


def _want(methods: list[str], class_of: dict[str, str]) -> str:
    """Say what is wanted of some classes, or of some pupils of them."""
    named, classes = ", ".join(methods), ", ".join(dict.fromkeys(class_of.values()))
    if not any(owner.startswith("pupil:") for owner in class_of):
        return say(_BY_CLASS, methods=named, classes=classes)
    pupils = say_count("{count} pupil of {classes}", "{count} pupils of {classes}", len(class_of), classes=classes)
    return say(_BY_PUPIL, methods=named, pupils=pupils)
