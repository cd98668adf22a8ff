"""The ElJur client: signs in, works out who may read what, and reads windows (fact sheet, sections 1 to 3)."""

from collections.abc import Mapping
from random import Random

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Page, Plan, Reading, Roster, Window
from ejsync.errors import ContractViolation, EjsyncError, SourceAuthFailed, SourceForbidden
from ejsync.pipeline.ports import Checker, Clock
from ejsync.sources.eljur.client.envelope import Reply
from ejsync.sources.eljur.client.planning import RECEIVERS, Ask, plan_feed, sees_whole_school
from ejsync.sources.eljur.client.rights import Rights, RightsBook, masked
from ejsync.sources.eljur.client.signin import Session
from ejsync.sources.eljur.client.wire import Wire
from ejsync.sources.eljur.config import EljurConfig
from ejsync.sources.eljur.mapping import read
from ejsync.sources.eljur.mapping.tidy import as_object
from ejsync.transport import Limits

__all__ = ["EljurSource"]

# Flags of a read that is not what its bare call gives (fact sheet, section 3).
_FLAGS = {"getperiods": {"show_disabled": "true"}, "getschedule": {"rings": "true"}}
_REFUSED_FOR_S = 3600.0


class EljurSource:
    """One school's journal in ElJur; safe to share among threads."""

    def __init__(self, config: EljurConfig, *, clock: Clock, rng: Random, limits: Limits, contracts: Checker) -> None:
        self._config, self._contracts = config, contracts
        self._wire = Wire(config, clock=clock, rng=rng, limits=limits)
        self._sessions = {
            account.name: Session(account, config, wire=self._wire, clock=clock, contracts=contracts)
            for account in config.accounts
        }
        self._books = {
            name: RightsBook(name, session, clock=clock, contracts=contracts)
            for name, session in self._sessions.items()
        }
        self._failures: dict[str, EjsyncError] = {}
        self._clock = clock
        self._refused_until: dict[str, float] = {}

    @property
    def failures(self) -> Mapping[str, EjsyncError]:
        """Return the accounts that could not be used when a feed was last planned, with their errors."""
        return dict(self._failures)

    def plan(self, feed: Feed, days: Days, roster: Roster) -> Plan:
        """List the windows of a feed, with the rights of every account that works.

        Raises:
            SourceAuthFailed: no account works; or the roster could only be read by an account that sees a part of
                it, while another one failed: a part must never pass for the whole.
            SourceForbidden: likewise, where an account may not even ask for its rights.
            SourceUnavailable: the host gives no usable answer.
            ContractViolation: likewise, where an account's rights came in an unknown shape.
        """
        rights = self._rights()
        if not rights or (feed is Feed.ROSTER and self._failures and not any(map(sees_whole_school, rights))):
            raise next(iter(self._failures.values()))
        refused = frozenset(name for name, until in self._refused_until.items() if until > self._clock.monotonic())
        return plan_feed(Ask(feed, days, roster, rights, self._config, refused))

    def fetch(self, window: Window) -> Page:
        """Read one window.

        Raises:
            SourceError: the account is refused, has no right, or no usable answer came.
            ContractViolation: the answer is not shaped as `contracts/eljur/v1` says.
        """
        reply = self._call(window)
        contract = f"eljur/v1/{window.method}"
        if pointers := self._contracts.faults(contract, reply.result):
            raise ContractViolation(contract=contract, pointers=masked(pointers))
        return Page(window, as_object(reply.result), reply.size_bytes)

    def read(self, page: Page, roster: Roster) -> Reading:
        """Say what a page means, as candidate records."""
        return read(page, roster)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _call(self, window: Window) -> Reply:
        try:
            return self._sessions[window.account].call(window.method, _params(window))
        except SourceForbidden:
            if window.method == RECEIVERS:
                self._refused_until[window.account] = self._clock.monotonic() + _REFUSED_FOR_S
            raise

    def _rights(self) -> list[Rights]:
        """Ask every account for its rights; one that cannot be used does not keep the others from working."""
        found: list[Rights] = []
        failures: dict[str, EjsyncError] = {}
        for name, book in self._books.items():
            try:
                found.append(book.rights())
            except (SourceAuthFailed, SourceForbidden, ContractViolation) as error:
                failures[name] = error
        self._failures = failures
        return found


def _params(window: Window) -> dict[str, str]:
    params = dict(_FLAGS.get(window.method, {}))
    if window.pupils:
        params["student"] = ",".join(window.pupils)
    elif window.classes:
        params["class"] = window.classes[0]
    if window.days:
        params["days"] = f"{window.days.first:%Y%m%d}-{window.days.last:%Y%m%d}"
    return params
