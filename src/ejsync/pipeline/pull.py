"""pull: ask the source for windows, side by side within its pace; a window that failed concludes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ejsync.domain.windows import Page, Window
from ejsync.errors import EjsyncError
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
