"""Sizing: how many pupils one request asks for; it adapts to how large and how quick the answers are.

A method begins with 25 pupils. An answer that shows that a full group would stay under half of both bounds (2 MB, 6 s)
lets the group grow by a half; one over a bound makes it shrink to what would have fitted, none at all by half. A part
of a group without answer teaches nothing by its silence, nor does a group smaller than what was answered since: there
it is some pupil's answer that fails, not the size, and the others need not be asked one by one for his sake. The sizes
are remembered between runs, so that a restart does not learn them anew.
"""

import threading
from collections.abc import Mapping

import orjson

from ejsync.domain.windows import Window
from ejsync.pipeline.ports import Memory

FIRST_PUPILS = 25
BOUND_BYTES = 2_000_000
BOUND_S = 6.0
_LONG_DAYS = 31
_GROWTH = 1.5
_NAME = "group-sizes"


class GroupSizes:
    """The group sizes of one school, by method and by whether many days are asked for; safe to share among threads.

    Args:
        most: pupils of one request at most.
        memory: where the sizes are kept between runs.
    """

    def __init__(self, *, most: int, memory: Memory) -> None:
        self._most, self._memory = most, memory
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = dict(_remembered(memory))

    def size(self, method: str, days: int) -> int:
        """Return how many pupils to ask for.

        Args:
            days: school days the request covers; 0 for none.
        """
        return min(self._most, self._sizes.get(_name(method, days), FIRST_PUPILS))

    def answered(self, window: Window, *, size_bytes: int, seconds: float) -> None:
        """Learn from an answer: its decompressed size and the seconds it took, without waiting for its turn."""
        pupils, now = len(window.pupils), self._now(window)
        if not pupils:
            return
        strain = max(size_bytes / BOUND_BYTES, seconds / BOUND_S)
        # Groups are cut as even as may be: what stands for a full one is seldom quite full.
        if strain > 1:
            self._set(window, int(pupils / strain))
        elif 2 * pupils > now and strain * max(1, now / pupils) <= 1 / 2:
            self._set(window, int(now * _GROWTH) + 1)

    def failed(self, window: Window) -> None:
        """Learn from a group that got no answer."""
        pupils = len(window.pupils)
        if pupils >= self._now(window) and not window.part:
            self._set(window, pupils // 2)

    def _now(self, window: Window) -> int:
        return self.size(window.method, _days(window))

    def _set(self, window: Window, size: int) -> None:
        name, bounded = _name(window.method, _days(window)), max(1, min(self._most, size))
        with self._lock:
            if self._sizes.get(name, FIRST_PUPILS) == bounded:
                return
            self._sizes[name] = bounded
            self._memory.keep(_NAME, orjson.dumps(self._sizes))


def _days(window: Window) -> int:
    return (window.days.last - window.days.first).days + 1 if window.days else 0


def _name(method: str, days: int) -> str:
    return f"{method}/{'long' if days > _LONG_DAYS else 'short'}"


def _remembered(memory: Memory) -> Mapping[str, int]:
    """Return the sizes kept by an earlier run; what cannot be read was never learnt."""
    try:
        sizes = orjson.loads(memory.recall(_NAME) or b"{}")
    except orjson.JSONDecodeError:
        return {}
    found = sizes.items() if isinstance(sizes, dict) else ()
    return {name: size for name, size in found if isinstance(size, int) and size > 0}
