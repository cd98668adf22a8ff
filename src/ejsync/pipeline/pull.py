"""pull: ask the source for windows, side by side within its pace; a window that failed concludes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ejsync.domain.windows import Page, Window
from ejsync.errors import EjsyncError, SourceUnreadable
from ejsync.pipeline.ports import Wiring


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of one window: a page, or the error that stood in its place."""

    window: Window
    outcome: Page | EjsyncError


def pull(wiring: Wiring, windows: Iterable[Window]) -> Iterator[Pulled]:
    """Fetch windows and yield each outcome in the order of the plan."""
    for window, result in wiring.executor.map_ordered(wiring.source.fetch, windows):
        try:
            yield Pulled(window, result())
        except EjsyncError as error:
            yield Pulled(window, error)
        except Exception as error:  # noqa: BLE001 - one answer nobody foresaw must not stop the other windows
            yield Pulled(window, unreadable(window, error))


def unreadable(window: Window, error: Exception) -> SourceUnreadable:
    """Return the failure of a window whose answer upset its reader: the class of the error, never its text."""
    failed = SourceUnreadable(feed=window.feed, window=window.label(), reason=type(error).__name__)
    failed.__cause__ = error
    return failed
