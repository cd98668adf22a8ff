"""Real time and real threads, behind the ports that the flow is handed."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

Asked = TypeVar("Asked")
Got = TypeVar("Got")


class SystemClock:
    """The machine's clock; `shift` moves it by whole days for rehearsals in another school year."""

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self._shift = shift

    def now(self) -> datetime:
        """Return the aware UTC instant."""
        return datetime.now(UTC) + self._shift

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class InlineExecutor:
    """One task after another, in the calling thread: the reproducible way."""

    def map_ordered(
        self, work: Callable[[Asked], Got], tasks: Iterable[Asked], *, ahead: int = 1
    ) -> Iterator[tuple[Asked, Callable[[], Got]]]:
        """Yield each task with a function that does its work when called; nothing is begun ahead."""
        del ahead
        for task in tasks:
            yield task, lambda task=task: work(task)  # type: ignore[misc]


class Turns:
    """One at a time; whoever may wait can see that somebody else wants a turn, and gives way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0

    @property
    def wanted(self) -> bool:
        """Tell whether somebody waits for a turn who may not be kept waiting."""
        return self._waiting > 0

    @contextmanager
    def soon(self) -> Iterator[None]:
        """Take a turn as soon as may be: who took one at leisure is to give way."""
        self._count(1)
        with self._lock:
            self._count(-1)
            yield

    @contextmanager
    def at_leisure(self) -> Iterator[None]:
        """Take a turn that will be given up when another is wanted."""
        with self._lock:
            yield

    def _count(self, step: int) -> None:
        with self._counting:
            self._waiting += step


class PoolExecutor:
    """A bounded pool: results in the order of the tasks."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="pull")

    def map_ordered(
        self, work: Callable[[Asked], Got], tasks: Iterable[Asked], *, ahead: int
    ) -> Iterator[tuple[Asked, Callable[[], Got]]]:
        """Yield each task in order with a function that returns its result or raises its error.

        Never more than `ahead` tasks are begun and not yet dealt with: after a kill, so many at most are asked again.
        """
        remaining = iter(tasks)
        queue: deque[tuple[Asked, Future[Got]]] = deque()
        for task in islice(remaining, ahead):
            queue.append((task, self._pool.submit(work, task)))
        try:
            while queue:
                task, future = queue.popleft()
                yield task, future.result
                for following in islice(remaining, 1):
                    queue.append((following, self._pool.submit(work, following)))
        finally:
            for _, future in queue:
                future.cancel()

    def close(self) -> None:
        """Let the threads go without waiting for reads under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
