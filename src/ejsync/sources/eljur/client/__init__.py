"""The ElJur client: signs in, works out who may read what, and reads windows (fact sheet, sections 1 to 3)."""

from collections.abc import Mapping
from datetime import date

from ejsync.domain.records import Feed
from ejsync.domain.windows import Page, Plan, Reading, Roster, Window, school_year_start
from ejsync.errors import (
    ContractViolation,
    Disposition,
    EjsyncError,
    SourceAuthFailed,
    SourceForbidden,
    SourceOversized,
    SourceThrottled,
)
from ejsync.pipeline.ports import DueOf, Surroundings
from ejsync.sources.eljur.client.envelope import Reply
from ejsync.sources.eljur.client.planning import Ask, plan_feed
from ejsync.sources.eljur.client.readers import RECEIVERS, sees_whole_school
from ejsync.sources.eljur.client.rights import Rights, RightsBook, masked
from ejsync.sources.eljur.client.signin import Session
from ejsync.sources.eljur.client.sizing import GroupSizes
from ejsync.sources.eljur.client.strangers import refuse_strangers
from ejsync.sources.eljur.client.understanding import understanding
from ejsync.sources.eljur.client.wire import Seen, Wire
from ejsync.sources.eljur.config import EljurConfig
from ejsync.sources.eljur.mapping import read
from ejsync.sources.eljur.mapping.tidy import as_object
from ejsync.transport import Limits

__all__ = ["EljurSource"]

# Flags of a read that is not what its bare call gives (fact sheet, section 3).
_FLAGS = {
    "getperiods": {"show_disabled": "true", "weeks": "true"},
    "getschedule": {"rings": "true"},
    "getdiary": {"rings": "true"},
}
_REFUSED_FOR_S = 3600.0
# What these answers mean depends on what else is known: they are opened even if they come again byte for byte.
_COMPLETED = frozenset({"getreplaces"})


class EljurSource:
    """One school's journal in ElJur; safe to share among threads."""

    def __init__(self, config: EljurConfig, around: Surroundings, limits: Limits) -> None:
        self._config, self._around = config, around
        self._wire = Wire(config, clock=around.clock, rng=around.rng, limits=limits)
        self._sessions = {
            account.name: Session(account, config, wire=self._wire, around=around) for account in config.accounts
        }
        self._books = {name: RightsBook(name, session, around) for name, session in self._sessions.items()}
        self._sizes = GroupSizes(most=config.pupils_per_request, memory=around.memory)
        self._understanding = understanding(around.contracts)
        self._renewing = False
        self._failures: dict[str, EjsyncError] = {}
        self._refused_until: dict[str, float] = {}

    @property
    def failures(self) -> Mapping[str, EjsyncError]:
        """Return the accounts that could not be used when a feed was last planned, with their errors."""
        return dict(self._failures)

    @property
    def at_once(self) -> int:
        """Return how many reads may be under way at once."""
        return self._config.parallel_reads

    def renew(self) -> None:
        """Let go of what is remembered of rights: the next plan asks every account anew."""
        self._renewing = True

    def plan(self, feed: Feed, due: DueOf, roster: Roster) -> Plan:
        """List the windows of a feed, with the rights of every account that works.

        Raises:
            SourceAuthFailed: no account works; or the roster could only be read by an account that sees a part of
                it, while another one failed: a part must never pass for the whole.
            SourceForbidden: likewise, where an account may not even ask for its rights.
            SourceUnavailable: the host gives no usable answer.
            ContractViolation: likewise, where an account's rights came in an unknown shape.
        """
        rights = self.rights()
        if not rights or (feed is Feed.ROSTER and self._failures and not any(map(sees_whole_school, rights))):
            raise next(iter(self._failures.values()))
        now = self._around.clock.monotonic()
        refused = frozenset(name for name, until in self._refused_until.items() if until > now)
        return plan_feed(Ask(feed, due, roster, rights, self._config, self._sizes.size, refused))

    def fetch(self, window: Window, known: str = "") -> Page:
        """Read one window; an answer whose digest is `known` is not opened.

        Raises:
            SourceError: the account is refused, has no right, or no usable answer came, or one about others only.
            ContractViolation: the answer is not shaped as `contracts/eljur/v1` says.
        """
        try:
            reply = self._call(window, known)
        except EjsyncError as error:
            if _may_be_its_size(error):
                self._sizes.failed(window)
            raise
        self._sizes.answered(window, size_bytes=reply.size_bytes, seconds=reply.took_s)
        day = self._today()
        if reply.unchanged:
            return Page(window, None, reply.size_bytes, reply.digest, unchanged=True, day=day)
        contract = f"eljur/v1/{window.method}"
        if pointers := self._around.contracts.faults(contract, reply.result):
            raise ContractViolation(contract=contract, pointers=masked(pointers))
        return refuse_strangers(Page(window, as_object(reply.result), reply.size_bytes, reply.digest, day=day))

    def read(self, page: Page, roster: Roster) -> Reading:
        """Say what a page means, as candidate records."""
        return read(page, roster)

    def rights(self) -> list[Rights]:
        """Ask every account for its rights; one that cannot be used does not keep the others from working.

        Raises:
            SourceUnavailable: the host gives no usable answer.
        """
        found: list[Rights] = []
        failures: dict[str, EjsyncError] = {}
        for name, book in self._books.items():
            try:
                found.append(book.refresh() if self._renewing else book.rights())
            except (SourceAuthFailed, SourceForbidden, ContractViolation) as error:
                failures[name] = error
        self._failures, self._renewing = failures, False
        return found

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _today(self) -> date:
        return self._around.clock.now().astimezone(self._around.zone).date()

    def _digest(self, body: bytes) -> str:
        """Hash an answer with all that decides what it means: what has no date of its own is of this school year."""
        year = school_year_start(self._today()).isoformat().encode()
        return self._around.digest(self._understanding + year + body)

    def _call(self, window: Window, known: str) -> Reply:
        seen = None if window.method in _COMPLETED else Seen(self._digest, known)
        try:
            return self._sessions[window.account].call(window.method, _params(window), seen)
        except SourceForbidden:
            if window.method == RECEIVERS:
                self._refused_until[window.account] = self._around.clock.monotonic() + _REFUSED_FOR_S
            raise


def _may_be_its_size(error: EjsyncError) -> bool:
    late_or_large = error.disposition is Disposition.RETRY or isinstance(error, SourceOversized)
    return late_or_large and not isinstance(error, SourceThrottled)


def _params(window: Window) -> dict[str, str]:
    params = dict(_FLAGS.get(window.method, {}))
    if window.pupils:
        params["student"] = ",".join(window.pupils)
    elif window.classes:
        params["class"] = window.classes[0]
    if window.days:
        first, last = f"{window.days.first:%Y%m%d}", f"{window.days.last:%Y%m%d}"
        params["days"] = first if first == last else f"{first}-{last}"
    return params
