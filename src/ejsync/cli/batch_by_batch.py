"""Deeds of operators on many batches: one transaction each, with progress; Ctrl-C ends after the one under way."""

import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.failing import INTERRUPTED
from ejsync.cli.next_step import commanded
from ejsync.errors import Exit, IllegalTransition
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ejsync.cli.batch_choice import Asked
    from ejsync.domain.standing import BatchRow
    from ejsync.pipeline.ports import Wiring

    Chosen = Sequence[tuple[Wiring, BatchRow]]

WHO_SENDS = N_("The running ejsync sends them by itself; without one: ejsync sync")


@dataclass(slots=True)
class Done:
    """What was done: each batch with what came of it, how many are left, and how many had been decided about since."""

    results: "list[tuple[BatchRow, Any]]" = field(default_factory=list)
    left: "list[BatchRow]" = field(default_factory=list)
    passed_over: int = 0

    def document(self) -> dict[str, Any]:
        """Tell it without the results."""
        return {
            "ok": not self.left,
            "done": len(self.results),
            "left": len(self.left),
            "passed_over": self.passed_over,
        }

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return INTERRUPTED if self.left else Exit.WELL


def carry_out(chosen: "Chosen", deed: "Callable[[Wiring, BatchRow], Any]", label: str, *, strictly: bool) -> Done:
    """Do a deed on one batch after another.

    Args:
        chosen: each with the wiring of its school.
        deed: one transaction.
        label: what the progress bar says, translated.
        strictly: the batches were named one by one, so that none may be passed over.

    Raises:
        IllegalTransition: a batch that was named has been decided about meanwhile.
        StoreError: the database cannot be used.
    """
    from ejsync.cli.bars import Bars

    done = Done()
    with _interruptible() as asked_to_stop, Bars() as bars:
        advance = bars.items(label, len(chosen))
        for number, (wiring, row) in enumerate(chosen):
            if asked_to_stop():
                done.left = [row for _, row in chosen[number:]]
                break
            try:
                done.results.append((row, deed(wiring, row)))
            except IllegalTransition:
                if strictly:
                    raise
                done.passed_over += 1
            advance(1)
    return done


@contextmanager
def _interruptible() -> "Iterator[Callable[[], bool]]":
    """Turn the first Ctrl-C into a wish; the second one ends at once, and what is under way is rolled back."""
    asked = False

    def note(_number: int, _frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def tell_left(done: Done, verb: str, asked: "Asked", *, named: bool, more: "Sequence[str]" = ()) -> None:
    """Say after an interruption how far it came, and the command to go on; say what was passed over.

    Args:
        verb: the verb of `ejsync batches`.
        asked: how the batches were chosen, if they were not `named`.
        more: further words of the command.
    """
    if done.passed_over:
        told = N_("{count} batches were passed over: they have been decided about meanwhile, or are on their way.")
        showing.note(say(told, count=done.passed_over))
    if not done.left:
        return
    sentence = N_("Stopped: {done} batches are done, {left} are left. To go on:")
    showing.note(say(sentence, done=len(done.results), left=len(done.left)))
    words = [row.batch for row in done.left] if named else asked.typed()
    showing.note("→ " + commanded(" ".join(["ejsync batches", verb, *more, *words])))
