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
    """The diary did not take the batch, or its answer was lost; the same batch goes again.

    Attributes:
        timed_out: no answer came in time.
        of_host: another school would meet the same there now.
    """

    code = "EJ-401"
    cause = N_("The diary “{sink}” did not take the batch ({reason}); it will be sent again.")
    next_step = N_("nothing to do; watch with: ejsync status")
    disposition = Disposition.RETRY
    exit_code = Exit.TEMPORARY
    sink: str
    reason: str
    timed_out: bool = False
    of_host: bool = True


@dataclass(eq=False, kw_only=True)
class SinkThrottled(SinkUnavailable):
    """The diary asked us to wait."""

    code = "EJ-402"
    cause = N_("The diary “{sink}” asks to wait ({reason}); the batch will be sent again.")
    retry_after_s: float | None = None


@dataclass(eq=False, kw_only=True)
class SinkUnclear(SinkUnavailable):
    """The diary's answer is neither a receipt nor a refusal; the same batch goes again."""

    code = "EJ-405"
    cause = N_("The diary “{sink}” gave an answer that is neither a receipt nor a refusal ({reason}).")
    of_host: bool = False


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
class SinkUnread(SinkUnavailable):
    """The diary did not say what it holds, or not in a form that can be read; nothing is concluded."""

    code = "EJ-406"
    cause = N_("The diary “{sink}” cannot be read back ({reason}).")
    next_step = N_("ejsync doctor")


@dataclass(eq=False, kw_only=True)
class SinkRejected(SinkError):
    """The diary refused the whole batch for good, without saying which item.

    Attributes:
        too_large: it takes no batch of this size; nothing is said against any item.
    """

    code = "EJ-404"
    cause = N_("The diary “{sink}” refused a whole batch ({reason}).")
    next_step = N_("ejsync batches list --state dead")
    disposition = Disposition.DEAD_LETTER
    exit_code = Exit.WITH_DEAD_ITEMS
    sink: str
    reason: str
    too_large: bool = False
