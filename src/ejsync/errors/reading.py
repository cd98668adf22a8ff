"""Errors of the reading side: the source and what it answered."""

from dataclasses import dataclass

from ejsync.errors.disposition import Disposition, EjsyncError, Exit
from ejsync.wording import N_


@dataclass(eq=False, kw_only=True)
class SourceError(EjsyncError):
    """Reading the journal failed."""

    code = "EJ-200"


@dataclass(eq=False, kw_only=True)
class SourceUnavailable(SourceError):
    """No usable answer came; nothing is concluded from it."""

    code = "EJ-201"
    cause = N_("The journal at {host} gave no usable answer to “{method}” ({reason}).")
    next_step = N_("wait for the next cycle, or look with: ejsync doctor")
    disposition = Disposition.RETRY
    exit_code = Exit.TEMPORARY
    host: str
    method: str
    reason: str


@dataclass(eq=False, kw_only=True)
class SourceThrottled(SourceUnavailable):
    """The journal asked us to wait."""

    code = "EJ-202"
    cause = N_("The journal at {host} asks to wait before “{method}” ({reason}).")
    retry_after_s: float | None = None


@dataclass(eq=False, kw_only=True)
class SourceElsewhere(SourceUnavailable):
    """Something answered, but not the API: a log-in page, another format, a redirect."""

    code = "EJ-207"
    cause = N_("At {host} it is not the journal's API that answers “{method}” ({reason}).")
    next_step = N_("check base_url and vendor of this school in the settings, then: ejsync doctor")


@dataclass(eq=False, kw_only=True)
class SourceOversized(SourceUnavailable):
    """An answer over the body cap; the same question would bring it again."""

    code = "EJ-208"
    cause = N_("The journal at {host} answered “{method}” with more than may be taken in ({reason}).")
    next_step = N_(
        "ask for less at once (pupils_per_request, longest_span_days) or raise http.body_megabytes, then: ejsync sync"
    )
    disposition = Disposition.HALT
    exit_code = Exit.CONFIGURATION


@dataclass(eq=False, kw_only=True)
class SourceAuthFailed(SourceError):
    """The journal refuses this account's credentials; it is not tried again in this cycle."""

    code = "EJ-203"
    cause = N_("The journal at {host} refused the account “{account}”: {reason}.")
    next_step = N_("check its login, its password file and the devkey, then: ejsync doctor")
    exit_code = Exit.CONFIGURATION
    host: str
    account: str
    reason: str


@dataclass(eq=False, kw_only=True)
class SourceForbidden(SourceError):
    """The account has no right to this method; lost rights are never read as deletions."""

    code = "EJ-204"
    cause = N_("The account “{account}” has no right to “{method}” at {host}.")
    next_step = N_("ask the school to grant the right, then: ejsync doctor")
    exit_code = Exit.CONFIGURATION
    host: str
    account: str
    method: str


@dataclass(eq=False, kw_only=True)
class SourceSuspiciouslyEmpty(SourceError):
    """A window answered with nothing where records were known; nothing is concluded from it."""

    code = "EJ-205"
    cause = N_("The journal answered “{feed}” for {scope} with nothing, where {known} records are known.")
    next_step = N_("look at the journal itself; the next cycle reads it again: ejsync status")
    exit_code = Exit.TEMPORARY
    feed: str
    scope: str
    known: int


@dataclass(eq=False, kw_only=True)
class SourceStrangers(SourceError):
    """Only pupils came who were not asked for; nothing is concluded about those who were."""

    code = "EJ-209"
    cause = N_("The journal answered “{method}” with other pupils only ({others}), asked for {asked} as “{account}”.")
    next_step = N_("look in the journal which pupils this account may read, then: ejsync doctor")
    exit_code = Exit.TEMPORARY
    account: str
    method: str
    asked: int
    others: int


@dataclass(eq=False, kw_only=True)
class SourceUnreadable(SourceError):
    """An answer that nobody foresaw upset its reader; its window concludes nothing and the others go on."""

    code = "EJ-206"
    cause = N_("The answer for {window} of “{feed}” upset its reader ({reason}).")
    next_step = N_("the next cycle reads it again; if that does not help, report it as a bug: ejsync status")
    exit_code = Exit.TEMPORARY
    feed: str
    window: str
    reason: str


@dataclass(eq=False, kw_only=True)
class ContractViolation(EjsyncError):
    """Data break a contract; carries its name and JSON pointers, never values."""

    code = "EJ-301"
    cause = N_("Data broke the contract {contract} at {pointers}.")
    next_step = N_("ejsync quarantine list")
    disposition = Disposition.QUARANTINE
    exit_code = Exit.WITH_DEAD_ITEMS
    contract: str
    pointers: tuple[str, ...]
