"""`doctor`: look at everything that must be right, and say of each thing that is not what to type next."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ejsync.cli import checks, showing
from ejsync.cli.checks import FAILED, OK, Check
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.next_step import remedy
from ejsync.cli.outcome import most_serious
from ejsync.cli.showing import BAD, GOOD, WARNING
from ejsync.cli.speaking import Verb, as_json, of_school
from ejsync.errors import ConfigError, EjsyncError, Exit
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.settings import Settings

_STYLES = {OK: GOOD, FAILED: BAD, checks.WARNING: WARNING}
_WORDS = {OK: N_("ok"), FAILED: N_("failed"), checks.WARNING: N_("look")}


@click.command(
    "doctor",
    cls=Verb,
    help=N_("Check settings, key, store, journals, diaries, contracts and consents. Changes nothing anywhere."),
    examples=("ejsync doctor", "ejsync doctor --school lyceum --json"),
)
@of_school
@as_json
@pass_desk
def doctor(desk: Desk, *, school: str | None, as_json: bool) -> int:
    """Run every check; exit 4 or 5 by the most serious that failed."""
    found = list(examined(desk, school))
    verdict = most_serious(check.exit_code for check in found)
    if as_json:
        showing.document(
            {"ok": verdict is Exit.WELL, "exit_code": int(verdict), "checks": [_told(one) for one in found]}
        )
        return verdict
    rows = [(one.name, (say(_WORDS[one.state]), _STYLES[one.state]), one.found) for one in found]
    showing.table([say(N_("Check")), say(N_("State")), say(N_("Found"))], rows)
    steps = dict.fromkeys(one.next_step for one in found if one.next_step)
    for step in steps:
        showing.line(f"→ {step}")
    return verdict


def _told(check: Check) -> dict[str, object]:
    return {"check": check.name, "state": check.state, "found": check.found, "next_step": check.next_step or None}


def examined(desk: Desk, school: str | None) -> Iterator[Check]:
    """Yield the checks; what leans on a thing that failed is left out."""
    whole = list(_settings_checks(desk))
    yield from whole
    try:
        settings = desk.settings()
    except ConfigError:
        return
    key = checks.key_check(settings)
    yield key
    store = list(checks.store_checks(settings.store.path))
    yield from store
    yield checks.contracts_check()
    if not any(check.state == FAILED for check in [key, *store]):
        yield from _school_checks(settings, school, asking=not any(check.state == FAILED for check in whole))


def _settings_checks(desk: Desk) -> Iterator[Check]:
    from ejsync.settings import chosen_file

    name = say(N_("settings"))
    try:
        desk.settings(reveal=True)
    except ConfigError as error:
        for fault in error.faults:
            found = f"{error.code} {fault.key or fault.file}: {fault.problem}"
            yield Check(name, FAILED, found, remedy(error), error.exit_code)
    else:
        yield checks.well(name, str(chosen_file(desk.config)))


def _school_checks(settings: "Settings", name: str | None, *, asking: bool) -> Iterator[Check]:
    """Look at each school; with secrets missing nobody is asked: every account would fail for what is told already."""
    from ejsync.bootstrap import opened
    from ejsync.cli.soundings import bounded, diary_checks, journal_checks

    try:
        with opened(bounded(settings)) as exchange:
            by_name = {school.name: school for school in settings.schools}
            for wiring in exchange.school(name):
                yield checks.clock_check(wiring)
                if asking:
                    yield from journal_checks(exchange, wiring, by_name[wiring.school])
                    yield from diary_checks(wiring, by_name[wiring.school])
                yield from checks.consent_checks(exchange, wiring)
    except EjsyncError as error:
        yield checks.failed(say(N_("store")), error)
