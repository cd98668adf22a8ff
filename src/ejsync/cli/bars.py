"""Progress bars: on a terminal only, on stderr only."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ejsync.cli import showing

if TYPE_CHECKING:
    from rich.progress import Progress

    from ejsync.domain.windows import Window


class Bars:
    """Shows how far reads and deliveries are; silent where nobody watches."""

    def __init__(self) -> None:
        self._progress: Progress | None = _progress() if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def windows(self, label: str) -> "Callable[[Window | None, int, int], None]":
        """Return the listener of one feed's reads."""
        if self._progress is None:
            return lambda _window, _done, _total: None
        progress, bar = self._progress, self._progress.add_task(label, total=None)

        def listen(_window: "Window | None", done: int, total: int) -> None:
            progress.update(bar, completed=done, total=max(total, 1) if done else total)

        return listen

    def items(self, label: str, total: int) -> Callable[[int], None]:
        """Return the listener of one sink's deliveries."""
        if self._progress is None:
            return lambda _items: None
        progress, bar = self._progress, self._progress.add_task(label, total=total)
        return lambda items: progress.advance(bar, items)


def _progress() -> "Progress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=showing.console(sys.stderr), transient=True)
