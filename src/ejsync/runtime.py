"""Real time and real threads, behind the ports that the flow is handed."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
        self, work: Callable[[Asked], Got], tasks: Iterable[Asked]
    ) -> Iterator[tuple[Asked, Callable[[], Got]]]:
        """Yield each task with a function that does its work when called."""
        for task in tasks:
            yield task, lambda task=task: work(task)  # type: ignore[misc]


class PoolExecutor:
    """A bounded pool: results in the order of the tasks, and never more than `ahead` of them waiting in memory."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="pull")
        self._ahead = workers + 1

    def map_ordered(
        self, work: Callable[[Asked], Got], tasks: Iterable[Asked]
    ) -> Iterator[tuple[Asked, Callable[[], Got]]]:
        """Yield each task in order with a function that returns its result or raises its error."""
        remaining = iter(tasks)
        queue: deque[tuple[Asked, Future[Got]]] = deque()
        for task in islice(remaining, self._ahead):
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
