"""How many items the next batch may hold: fewer after what was too large or too slow, more after what was quick."""

SLOW_SHARE = 0.5
"""An answer that takes more than this share of the longest request is slow."""
QUICK_SHARE = 0.25
"""An answer that takes no more than this share of a slow one is quick."""
_GROWTH = 4


def halved(limit: int, items: int) -> int:
    """Return the limit after a batch of so many items was refused as too large; the same batch says it but once."""
    return min(limit, max(1, items // 2))


def eased(limit: int, items: int) -> int:
    """Return the limit after a batch of so many items was slow; of a small batch, size is not the trouble."""
    return halved(limit, items) if items > limit // 2 else limit


def after_answer(limit: int, items: int, *, most: int, took_s: float, slow_s: float) -> int:
    """Return the limit after a batch was answered.

    Args:
        limit: most items of a batch so far.
        items: how many this one held; only a full one shows that more may be tried.
        most: the limit that the settings name.
        took_s: seconds from sending to the answer.
        slow_s: from how many seconds on an answer is slow.
    """
    if took_s > slow_s:
        return eased(limit, items)
    if items >= limit and took_s <= slow_s * QUICK_SHARE:
        return min(most, limit + max(1, limit // _GROWTH))
    return limit
