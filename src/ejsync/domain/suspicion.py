"""What is held against a batch: whether it is stuck, searched for its bad item, or as good as refused. Pure.

An answer that is neither a receipt nor a refusal may be the sink's trouble or the batch's own. What tells the two
apart is what the sink says to others: a batch that fails, and fails again after the sink has answered another one,
is to blame itself. Where there is no other, the halves of the batch are asked for each other, and nothing is held
against either.
"""

from ejsync.domain.standing import BatchRow
from ejsync.errors import SinkAuthFailed, SinkThrottled, SinkUnavailable, SinkUnclear

STUCK_AFTER = 4
"""So many failed attempts of one batch, and a small fresh one passes it as a probe."""
PROBE = "probe"
"""The reason of a batch that passes a stuck one."""
PROBE_ITEMS = 10
DEDUCED = "deduced"
"""The code of an item that died because all that was refused with it was accepted without it."""
SURE_AFTER = 2
"""An item that was in so many refused requests need not be sent alone to be known as the bad one."""
_ANSWERED = {SinkUnclear.code, SinkAuthFailed.code, SinkThrottled.code}
"""The sink, or what stands before it, has said something: of the batch, or of us all."""


def asked_to_wait(error: str | None) -> bool:
    """Tell whether a wait was the sink's own wish."""
    return error == SinkThrottled.code


def is_unclear(error: str | None) -> bool:
    """Tell whether an answer came that was neither a receipt nor a refusal."""
    return error == SinkUnclear.code


def is_searched(row: BatchRow) -> bool:
    """Tell whether a batch is a part of one that was refused whole, on the way to the bad item."""
    return row.split_of is not None and row.refused > 0


def is_stuck(row: BatchRow) -> bool:
    """Tell whether a batch that waits may be to blame itself, so that another must be asked how the sink is."""
    if is_unclear(row.last_error) and row.refused:
        return True
    return row.attempts >= STUCK_AFTER and row.last_error in {SinkUnavailable.code, *_ANSWERED}


def may_be_halved(row: BatchRow) -> bool:
    """Tell whether a stuck batch may go on in halves: not one that got no answer, for it may have been applied."""
    return row.items > 1 and is_stuck(row) and row.last_error in _ANSWERED


def is_refusal(row: BatchRow, error: str, failures: int) -> bool:
    """Tell whether one more unclear answer to a batch is as good as a refusal.

    Args:
        row: the batch as it was sent: its last error is the one before this.
        error: the code of this attempt's error.
        failures: how often the sink has failed since it last answered anything; each unclear answer counts, so that
            none means that it answered another batch since this one failed.
    """
    if failures or not is_unclear(error):
        return False
    if is_searched(row) and row.items > 1:
        return True  # a wrong guess costs requests and buries nothing: the last item is always sent alone
    return is_unclear(row.last_error) and row.attempts > (1 if row.refused else STUCK_AFTER)


def is_its_own_trouble(row: BatchRow, failures: int) -> bool:
    """Tell whether a batch whose answer failed to come again and again waits alone: the sink answers others."""
    return not failures and row.attempts > STUCK_AFTER
