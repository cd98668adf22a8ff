"""The sandbox servers as processes of their own: start, read the first line, speak to the control door, stop."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Timer
from typing import IO, TYPE_CHECKING, Any

import httpx
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

HOST = "127.0.0.1"
_START_WITHIN_S = 60.0
_STOP_WITHIN_S = 5.0
_ANSWER_WITHIN_S = 60.0
# The server ends by itself when the pipe it was given breaks: nobody is left behind, not even by a SIGKILL.
_WATCH = (
    "import os, signal, sys, threading; threading.Thread(daemon=True, "
    "target=lambda: os.read(0, 1) or os.kill(os.getpid(), signal.SIGTERM)).start(); "
)
_JOURNAL = (
    "import datetime; from ejsync.sandbox.journal import run_journal; p, s, d = sys.argv[1:]; "
    f"run_journal(host={HOST!r}, port=0, pupils=int(p), seed=int(s), today=datetime.date.fromisoformat(d))"
)
_DIARY = (
    "import pathlib; from ejsync.sandbox.diary import run_diary; d, s = sys.argv[1:]; "
    f"run_diary(host={HOST!r}, port=0, database=pathlib.Path(d), seed=int(s))"
)


class NotStartedError(RuntimeError):
    """A sandbox server ended or kept silent before it said where it listens; carries the end of what it wrote."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running sandbox server: what it announced, and a client to its doors."""

    announced: Mapping[str, Any]
    client: httpx.Client
    pid: int

    def state(self) -> Any:
        """Return the server's whole content."""
        return self.get("/_control/state")

    def order(self, **fault: object) -> None:
        """Order a fault."""
        self.post("/_control/faults", fault)

    def clear_faults(self) -> None:
        """Call every ordered fault off."""
        self.client.delete("/_control/faults").raise_for_status()

    def get(self, path: str, **params: str) -> Any:
        """Return the document that a GET answers with."""
        return orjson.loads(self.client.get(path, params=params).raise_for_status().content)

    def post(self, path: str, document: object) -> Any:
        """Post a document and return the answer's."""
        return orjson.loads(self.client.post(path, content=orjson.dumps(document)).raise_for_status().content)


@contextmanager
def journal_process(*, pupils: int, seed: int, today: str, folder: Path) -> Iterator[Server]:
    """Run a simulated ElJur for the length of the block.

    Raises:
        NotStartedError: it did not come up.
    """
    with _running(_JOURNAL, [str(pupils), str(seed), today], folder / "journal.err") as server:
        yield server


@contextmanager
def diary_process(*, seed: int, folder: Path) -> Iterator[Server]:
    """Run a simulated ED on a fresh database for the length of the block.

    Raises:
        NotStartedError: it did not come up.
    """
    with _running(_DIARY, [str(folder / "diary.db"), str(seed)], folder / "diary.err") as server:
        yield server


@contextmanager
def _running(program: str, arguments: Sequence[str], complaints: Path) -> Iterator[Server]:
    with ExitStack() as stack:
        err = stack.enter_context(complaints.open("wb"))
        process = stack.enter_context(_process([sys.executable, "-P", "-c", _WATCH + program, *arguments], err))
        announced = _first_line(process)
        if announced is None:
            raise NotStartedError(complaints.read_text(errors="replace")[-2000:])
        bearer = {"authorization": f"Bearer {announced['token']}"} if "token" in announced else {}
        client = httpx.Client(base_url=announced["base_url"], headers=bearer, timeout=_ANSWER_WITHIN_S, trust_env=False)
        yield Server(announced, stack.enter_context(client), process.pid)


@contextmanager
def _process(command: Sequence[str], err: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command; whatever happens in the block, it is gone afterwards."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err) as process:  # noqa: S603 - our own interpreter and program text
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _first_line(process: subprocess.Popen[bytes]) -> Any:
    """Read the announcement; None if the process ends, or is too slow and is ended."""
    assert process.stdout is not None
    alarm = Timer(_START_WITHIN_S, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline()
    finally:
        alarm.cancel()
        alarm.join()
    return orjson.loads(line) if line.strip() else None
