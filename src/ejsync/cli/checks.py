"""What `doctor` looks at on this machine: settings, key, store, clock, contracts; the network is in `soundings`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ejsync.cli.check_words import step_of
from ejsync.cli.next_step import commanded
from ejsync.errors import EjsyncError, Exit
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring
    from ejsync.settings import Settings

LEAST_FREE_BYTES = 500_000_000
MEGABYTE = 1_000_000
OK, WARNING, FAILED = "ok", "warning", "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and the next command if it is not well."""

    name: str
    state: str
    found: str
    next_step: str = ""
    exit_code: Exit = Exit.WELL


def well(name: str, found: str) -> Check:
    """Make a check that went well."""
    return Check(name, OK, found)


def doubtful(name: str, found: str, next_step: str) -> Check:
    """Make a check that should be looked into and keeps nothing from working."""
    return Check(name, WARNING, found, next_step)


def failed(name: str, error: EjsyncError, *, found: str = "", next_step: str = "") -> Check:
    """Make a failed check of an error, with its own words unless others are given."""
    told = f"{error.code} {found or error.sentence()}"
    return Check(name, FAILED, told, next_step or step_of(error), error.exit_code)


def key_check(settings: "Settings") -> Check:
    """Look at the master key."""
    from ejsync.bootstrap import master_key

    name = say(N_("master key"))
    try:
        master_key(settings)
    except EjsyncError as error:
        return failed(name, error)
    return well(name, str(settings.keys.master))


def store_checks(path: Path) -> Iterator[Check]:
    """Look at the store's pages, version and disk, and at who works on it."""
    from ejsync.store.inspection import health, holder

    name = say(N_("store"))
    if not path.is_file():
        yield _absent(name, path)
        return
    try:
        found = health(path)
    except EjsyncError as error:
        yield failed(name, error)
        return
    if found.integrity != "ok":
        restore = say(N_("stop ejsync, keep the file, restore a backup"))
        yield Check(name, FAILED, say(N_("the database is damaged: {path}"), path=path), restore, Exit.CONFIGURATION)
    else:
        sentence = N_("version {version}, {megabytes} MB, unharmed")
        yield well(name, say(sentence, version=found.version or "-", megabytes=found.size_bytes // MEGABYTE))
    yield _disk(found.free_bytes)
    pid = holder(path)
    yield well(say(N_("lease")), say(N_("free")) if pid is None else say(N_("held by process {pid}"), pid=pid))


def _absent(name: str, path: Path) -> Check:
    from ejsync.store.inspection import writable

    if writable(path):
        return well(name, say(N_("not there yet; the first run makes it")))
    sentence = say(N_("{path} cannot be made"), path=path)
    return Check(name, FAILED, sentence, say(N_("check the folder's owner")), Exit.CONFIGURATION)


def _disk(free_bytes: int) -> Check:
    name, found = say(N_("disk")), say(N_("{megabytes} MB free"), megabytes=free_bytes // MEGABYTE)
    if free_bytes < LEAST_FREE_BYTES:
        return doubtful(name, found, say(N_("make room on the store's disk")))
    return well(name, found)


def contracts_check() -> Check:
    """Look at the contracts and their examples."""
    from ejsync.contracts import Contracts, Verdict

    findings = Contracts().validate_examples()
    bad = sum(finding.verdict is not Verdict.GOOD for finding in findings)
    name = say(N_("contracts"))
    if bad or not findings:
        found = say_count("{count} file does not hold", "{count} files do not hold", bad)
        return Check(name, FAILED, found, commanded("ejsync contracts validate"), Exit.CONFIGURATION)
    return well(name, say_count("{count} file checked", "{count} files checked", len(findings)))


def clock_check(wiring: "Wiring") -> Check:
    """Show the school's own time: a wrong clock or zone is seen at a glance."""
    here = wiring.clock.now().astimezone(wiring.zone)
    return well(say(N_("{school}: clock"), school=wiring.school), f"{here:%Y-%m-%d %H:%M} {wiring.zone.key}")


def consent_checks(exchange: "Exchange", wiring: "Wiring") -> Iterator[Check]:
    """Look at the register of consents, and at how many pupils are withheld."""
    with exchange.store.read(wiring.school) as tx:
        decisions = sum(map(len, tx.consents.of().values()))
        _, withheld = tx.records.withheld()
        pupils = len(tx.records.roster().class_of())
    name = say(N_("{school}: consents"), school=wiring.school)
    if decisions:
        yield well(name, say_count("{count} decision registered", "{count} decisions registered", decisions))
    else:
        yield doubtful(
            name, say(N_("none registered: no pupil's records leave")), commanded("ejsync consent import FILE.csv")
        )
    if pupils:
        share = round(100 * withheld / pupils)
        sentence = say(
            N_("{withheld} of {pupils} pupils withheld ({share} %)"), withheld=withheld, pupils=pupils, share=share
        )
        yield well(say(N_("{school}: withheld"), school=wiring.school), sentence)
