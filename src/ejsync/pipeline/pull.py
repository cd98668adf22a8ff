"""pull: ask the source for windows, side by side within its pace; a window that failed concludes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ejsync.domain.windows import Page, Window
from ejsync.errors import Disposition, EjsyncError, SourceOversized, SourceThrottled, SourceUnreadable
from ejsync.pipeline.ports import Wiring


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of one window: a page, or the error that stood in its place; and when it was asked for.

    Attributes:
        done: how many windows of the plan are dealt with, this one included unless another part of it is to come.
    """

    window: Window
    outcome: Page | EjsyncError
    asked_at: datetime
    done: int = 0


@dataclass(slots=True)
class _Cutting:
    """Whether it is still worth asking for a group in halves: where both halves fail too, size is not the trouble."""

    wiring: Wiring
    known: Mapping[str, str]
    worthwhile: bool = field(default=True)

    def ask(self, window: Window) -> Pulled:
        """Ask for one window once."""
        asked_at = self.wiring.clock.now()
        try:
            page: Page | EjsyncError = self.wiring.source.fetch(window, self.known.get(window.key(), ""))
        except EjsyncError as error:
            page = error
        except Exception as error:  # noqa: BLE001 - one answer nobody foresaw must not stop the other windows
            page = unreadable(window, error)
        return Pulled(window, page, asked_at)

    def told(self, pulled: Pulled, done: int) -> Iterator[Pulled]:
        """Yield what came of a window; where a group got no answer, what came of its halves, answers first."""
        halves = pulled.window.halves() if self._may_be_its_size(pulled.outcome) else ()
        if not halves:
            yield replace(pulled, done=done)
            return
        asked = map(self.ask, halves)  # both before either is cut: a host that is gone is left alone
        first, second = sorted(asked, key=lambda half: isinstance(half.outcome, EjsyncError))
        self.worthwhile = isinstance(first.outcome, Page)
        yield from self.told(first, done - 1)
        yield from self.told(second, done)

    def _may_be_its_size(self, outcome: Page | EjsyncError) -> bool:
        """Tell whether a smaller group may fare better: no answer came, and nobody asked us to wait."""
        if not self.worthwhile or not isinstance(outcome, EjsyncError) or isinstance(outcome, SourceThrottled):
            return False
        return outcome.disposition is Disposition.RETRY or isinstance(outcome, SourceOversized)


def pull(wiring: Wiring, windows: Iterable[Window], known: Mapping[str, str]) -> Iterator[Pulled]:
    """Fetch windows and yield each outcome in the order of the plan; a group without answer is asked for in halves.

    Args:
        known: digests of pages taken in before, by the key of their window.
    """
    cutting = _Cutting(wiring, known)
    asking = wiring.executor.map_ordered(cutting.ask, windows, ahead=wiring.source.at_once)
    for done, (_, result) in enumerate(asking, start=1):
        yield from cutting.told(result(), done)


def unreadable(window: Window, error: Exception) -> SourceUnreadable:
    """Return the failure of a window whose answer upset its reader: the class of the error, never its text."""
    failed = SourceUnreadable(feed=window.feed, window=window.label(), reason=type(error).__name__)
    failed.__cause__ = error
    return failed
