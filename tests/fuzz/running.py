"""Running a target: one mutant after another, each of its own seed, and what may come of it.

A target's `execute` returns what it says of a good input and raises `EjsyncError` of a bad one. Whatever else happens
is a finding: another error, an error of another family, one whose text repeats the input, work without an end.
"""

import io
import logging
import signal
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import structlog

from ejsync import logs
from ejsync.errors import EjsyncError
from tests.fuzz.mutation import CANARY

_CPU_S = 30.0
"""Far more processor time than any one input needs, on any machine: what takes more takes for ever."""
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""A folder that no disk stands behind, for inputs that must be files."""
_SRC = str(Path(__file__).parents[2] / "src")


class EndlessError(BaseException):
    """An input was worked on for longer than any needs."""


@dataclass(frozen=True)
class Target:
    """Something that reads what others wrote.

    Attributes:
        families: the errors it may end in.
        extremes: inputs that are tried before all mutants.
        mutant: makes an input of a random number generator.
        execute: reads an input; returns a text with all that is told of it beside its values.
    """

    name: str
    families: tuple[type[EjsyncError], ...]
    extremes: tuple[Any, ...]
    mutant: Callable[[Random], Any]
    execute: Callable[[Any], str]


@dataclass
class Findings:
    """What came of a run."""

    target: str
    executions: int = 0
    outcomes: Counter = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)

    def line(self):
        """One line for people."""
        ends = ", ".join(f"{count} {name}" for name, count in self.outcomes.most_common(4))
        return f"fuzz {self.target}: {self.executions} executions ({ends}), {len(self.found)} findings"


def case(target, seed, number):
    """Make the input of a number: the extremes first, then a mutant of its own seed."""
    if number < len(target.extremes):
        return target.extremes[number]
    return target.mutant(Random(f"{target.name}/{seed}/{number}"))


def run(target, seed, count, *, first=0):
    """Try `count` inputs and gather the findings, each kind once with the number of its first input."""
    findings = Findings(target.name)
    with listening() as log, watching() as begin:
        for number in range(first, first + count):
            made = case(target, seed, number)
            begin()
            outcome, finding = judged(target, made)
            if CANARY in log.getvalue():
                finding = "the log repeats the input"
                log.truncate(log.seek(0))
            findings.executions += 1
            findings.outcomes[outcome] += 1
            if finding:
                findings.found.setdefault(finding, f"python -m tests.fuzz {target.name} {seed}:{number}")
    return findings


def judged(target, made):
    """Read one input; return the name of its end and what is wrong with that, if anything."""
    try:
        said = target.execute(made)
        outcome = "values"
    except EjsyncError as error:
        outcome = type(error).__name__
        said = "\n".join([str(error), repr(error), error.sentence(), error.remedy()])
        if not isinstance(error, target.families):
            return outcome, f"an error of another family: {outcome}"
    except (Exception, EndlessError) as error:  # noqa: BLE001 - that is what is looked for
        why = f" ({error})" if isinstance(error, AssertionError) else ""
        return "stumbled", f"{type(error).__name__} at {_place(error)}{why}"
    return outcome, f"{outcome} repeats the input" if CANARY in said else ""


def _place(error):
    frames = traceback.extract_tb(error.__traceback__)[: -1 if isinstance(error, EndlessError) else None]
    last = ([frame for frame in frames if frame.filename.startswith(_SRC)] or frames)[-1]
    return f"{Path(last.filename).name}:{last.name}"


@contextmanager
def listening():
    """Hear all that is logged, as an instance that runs at its most talkative writes it."""
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure("debug", "json", stream)
    try:
        yield stream
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()


@contextmanager
def watching():
    """Count the processor time of each input; yields what begins the next one."""

    def end(*_):
        raise EndlessError

    before = signal.signal(signal.SIGPROF, end)
    try:
        yield lambda: signal.setitimer(signal.ITIMER_PROF, _CPU_S)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
