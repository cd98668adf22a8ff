"""What `doctor` looks at over the network, within bounded time: journals, their accounts and rights, diaries."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ejsync.cli import showing
from ejsync.cli.check_words import of_devkey, of_diary
from ejsync.cli.checks import Check, doubtful, failed, well
from ejsync.errors import EjsyncError
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.windows import Plan, Roster
    from ejsync.pipeline.ports import Wiring
    from ejsync.settings import School, Settings

LONGEST_S, CONNECT_S = 15.0, 5.0


def bounded(settings: "Settings") -> "Settings":
    """Return settings under which one request is tried once and not for long."""
    http = settings.http
    bounds = {"attempts": 1, "total_s": min(http.total_s, LONGEST_S), "connect_s": min(http.connect_s, CONNECT_S)}
    return settings.model_copy(update={"http": http.model_copy(update=bounds)})


def journal_checks(exchange: "Exchange", wiring: "Wiring", school: "School") -> Iterator[Check]:
    """Sign every account in, then ask what they may read together."""
    from ejsync.domain.records import Feed
    from ejsync.domain.windows import Due, Heat

    error: EjsyncError | None = None
    plan: Plan | None = None
    wiring.source.renew()
    try:
        plan = wiring.source.plan(Feed.ROSTER, lambda _owner: (Due(Heat.HOT, None),), _known_roster(wiring))
    except EjsyncError as found:
        error = found
    yield from _accounts(wiring, school, wiring.source.failures, error)
    if plan is not None:
        yield from _coverage(exchange, wiring, plan)


def _accounts(
    wiring: "Wiring", school: "School", failures: Mapping[str, EjsyncError], error: EjsyncError | None
) -> Iterator[Check]:
    """Judge each account; an error that is no account's own is the journal's."""
    devkey = str(getattr(school.source, "devkey", "devkey"))
    refused = next((one for one in failures.values() if of_devkey(one, devkey)), None)
    if refused is not None:
        name, step = (
            say(N_("{school}: devkey"), school=wiring.school),
            say(N_("check the devkey: {place}"), place=devkey),
        )
        yield failed(name, refused, found=of_devkey(refused, devkey), next_step=step)
        return
    if error is not None and error not in failures.values():
        yield failed(say(N_("{school}: journal"), school=wiring.school), error)
        return
    for account in getattr(school.source, "accounts", ()):
        name = say(N_("{school}: account {account}"), school=wiring.school, account=account.name)
        if account.name in failures:
            yield failed(name, failures[account.name])
        else:
            yield well(name, say(N_("signs in")))


def _coverage(exchange: "Exchange", wiring: "Wiring", plan: "Plan") -> Iterator[Check]:
    name = say(N_("{school}: rights"), school=wiring.school)
    try:
        roster = _known_roster(wiring)
        roster = roster if roster.classes else _read_roster(wiring, plan)
        uncovered = _uncovered(exchange, wiring, roster)
    except EjsyncError as error:
        yield failed(name, error)
        return
    pupils = len(roster.class_of())
    if not uncovered:
        yield well(name, say_count("all feeds of {count} pupil", "all feeds of {count} pupils", pupils))
    for feed, missing in uncovered.items():
        sentence = N_("{feed}: no account may read {what} (of {pupils} pupils)")
        found = say(sentence, feed=feed, what=showing.pairs(missing), pupils=pupils)
        yield doubtful(name, found, say(N_("ask the school to grant the right, or add an account")))


def _known_roster(wiring: "Wiring") -> "Roster":
    with wiring.store.read(wiring.school) as tx:
        return tx.records.roster()


def _read_roster(wiring: "Wiring", plan: "Plan") -> "Roster":
    """Read who is there without keeping it: before the first cycle the store knows nobody."""
    from ejsync.domain.records import Kind
    from ejsync.domain.windows import Roster

    nobody, classes = Roster({}), dict[str, list[str]]()
    for window in plan.windows:
        for record in wiring.source.read(wiring.source.fetch(window), nobody).records:
            if record.kind is Kind.PUPIL:
                classes.setdefault(record.data["class"], []).append(record.key)
    return Roster({name: tuple(pupils) for name, pupils in classes.items()})


def _uncovered(exchange: "Exchange", wiring: "Wiring", roster: "Roster") -> dict[str, Mapping[str, int]]:
    plans = {feed.value: wiring.source.plan(feed, lambda _owner: (), roster) for feed in exchange.asked_feeds()}
    return {feed: plan.uncovered_pupils(roster) for feed, plan in plans.items() if plan.uncovered}


def diary_checks(wiring: "Wiring", school: "School") -> Iterator[Check]:
    """Ask every diary whether it is there and lets us in."""
    addresses = {sink.name: getattr(sink, "base_url", "") for sink in school.sinks}
    for sink, service in wiring.sinks.items():
        name = say(N_("{school}: diary {sink}"), school=wiring.school, sink=sink)
        try:
            service.ping(wiring.school)
        except EjsyncError as error:
            yield failed(name, error, found=of_diary(error, addresses.get(sink, "")))
        else:
            yield well(name, say(N_("answers and lets us in")))
