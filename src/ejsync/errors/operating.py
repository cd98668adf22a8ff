"""Errors of operation: settings, store, instances, audit, operator input."""

from dataclasses import dataclass, field

from ejsync.errors.disposition import EjsyncError, Exit
from ejsync.wording import N_


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One wrong setting: where it stands, what is wrong, what would be right."""

    file: str
    key: str
    problem: str
    expected: str


@dataclass(eq=False, kw_only=True)
class ConfigError(EjsyncError):
    """The settings are wrong; every fault is listed at once."""

    code = "EJ-101"
    cause = N_("The configuration cannot be used: {file}.")
    next_step = N_("mend the keys named above, then: ejsync config validate")
    exit_code = Exit.CONFIGURATION
    file: str
    faults: tuple[ConfigFault, ...] = ()


@dataclass(eq=False, kw_only=True)
class StoreError(EjsyncError):
    """The database cannot be used."""

    code = "EJ-501"
    cause = N_("The store {path} cannot be used: {reason}.")
    next_step = N_("check the disk and the file's owner, then: ejsync doctor")
    exit_code = Exit.CONFIGURATION
    path: str
    reason: str


@dataclass(eq=False, kw_only=True)
class LeaseLost(StoreError):
    """Another instance took over; nothing of this one is committed any more."""

    code = "EJ-502"
    cause = N_("Another instance has taken over the store {path} ({reason}).")
    next_step = N_("ejsync status")
    exit_code = Exit.INSTANCE_RUNNING


@dataclass(eq=False, kw_only=True)
class KeysUnfit(StoreError):
    """The keys beside the store are not those that its payloads were sealed with."""

    code = "EJ-505"
    cause = N_("The keys in {path} do not fit the store: {reason}.")
    next_step = N_("put the newest key file back; where there is none any more: ejsync keys start-anew")
    exit_code = Exit.CONFIGURATION


@dataclass(eq=False, kw_only=True)
class InstanceRunning(EjsyncError):
    """Another instance holds the store."""

    code = "EJ-503"
    cause = N_("Another ejsync (process {pid}) already works on the store {path}.")
    next_step = N_("ejsync status")
    exit_code = Exit.INSTANCE_RUNNING
    path: str
    pid: int


@dataclass(eq=False, kw_only=True)
class IllegalTransition(EjsyncError):
    """A batch may not go from this state to that one."""

    code = "EJ-504"
    cause = N_("A batch cannot go from “{current}” to “{wanted}”.")
    next_step = N_("ejsync batches show {batch}")
    exit_code = Exit.USAGE
    batch: str
    current: str
    wanted: str


@dataclass(eq=False, kw_only=True)
class HeldForApproval(EjsyncError):
    """A mass change waits for an operator."""

    code = "EJ-601"
    cause = N_("{count} changes are held for approval.")
    next_step = N_("ejsync batches list --state held")
    exit_code = Exit.HELD
    count: int


@dataclass(eq=False, kw_only=True)
class AuditBroken(EjsyncError):
    """The audit chain does not verify."""

    code = "EJ-701"
    cause = N_("The audit log of {school} breaks at entry {seq}: {reason}.")
    next_step = N_("keep the database as it is and compare with a backup: ejsync audit show {seq}")
    exit_code = Exit.AUDIT_BROKEN
    school: str
    seq: int
    reason: str


@dataclass(eq=False, kw_only=True)
class BadInput(EjsyncError):
    """A file or an argument that the operator gave cannot be used."""

    code = "EJ-801"
    cause = N_("{what} cannot be used.")
    next_step = N_("mend the places named above and try again")
    exit_code = Exit.USAGE
    what: str
    faults: tuple[str, ...] = field(default=())


@dataclass(eq=False, kw_only=True)
class NotFound(EjsyncError):
    """The operator named a thing that is not there."""

    code = "EJ-802"
    cause = N_("There is no {what} “{name}”.")
    next_step = N_("{listing}")
    exit_code = Exit.USAGE
    what: str
    name: str
    listing: str


@dataclass(eq=False, kw_only=True)
class PaperFailed(EjsyncError):
    """A page cannot be set; the foreign message is kept out, for it may quote data."""

    code = "EJ-803"
    cause = N_("The page cannot be set ({reason}): this is a bug in ejsync.")
    next_step = N_("ejsync report with --format csv holds the same numbers; send this line to the developers")
    exit_code = Exit.BUG
    reason: str
