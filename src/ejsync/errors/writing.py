"""Errors of the writing side: the sink and what it refused."""

from dataclasses import dataclass

from ejsync.errors.disposition import Disposition, EjsyncError, Exit
from ejsync.wording import N_


@dataclass(eq=False, kw_only=True)
class SinkError(EjsyncError):
    """Writing to the diary failed."""

    code = "EJ-400"


@dataclass(eq=False, kw_only=True)
class SinkUnavailable(SinkError):
    """The diary did not take the batch, or its answer was lost; the same batch goes again."""

    code = "EJ-401"
    cause = N_("The diary “{sink}” did not take the batch ({reason}); it will be sent again.")
    next_step = N_("nothing to do; watch with: ejsync status")
    disposition = Disposition.RETRY
    exit_code = Exit.TEMPORARY
    sink: str
    reason: str
    retry_after_s: float | None = None


@dataclass(eq=False, kw_only=True)
class SinkThrottled(SinkUnavailable):
    """The diary asked us to wait."""

    code = "EJ-402"
    cause = N_("The diary “{sink}” asks to wait ({reason}); the batch will be sent again.")


@dataclass(eq=False, kw_only=True)
class SinkAuthFailed(SinkError):
    """The diary refuses our credentials."""

    code = "EJ-403"
    cause = N_("The diary “{sink}” refused the credentials ({reason}).")
    next_step = N_("check its token or client secret, then: ejsync doctor")
    exit_code = Exit.CONFIGURATION
    sink: str
    reason: str


@dataclass(eq=False, kw_only=True)
class SinkRejected(SinkError):
    """The diary refused the whole batch for good, without saying which item."""

    code = "EJ-404"
    cause = N_("The diary “{sink}” refused a whole batch ({reason}).")
    next_step = N_("ejsync batches list --state dead")
    disposition = Disposition.DEAD_LETTER
    exit_code = Exit.WITH_DEAD_ITEMS
    sink: str
    reason: str
