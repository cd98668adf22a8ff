"""A working place of ejsync, what its processes said, and who watches them."""

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from ejsync.cli.entry import cli
from tests.canaries.school import TODAY

ROOT = Path(__file__).parents[2]
_LOOK_EVERY_S = 0.03
_QUIET_S = 300
_EJSYNC = (sys.executable, "-m", "tests.canaries.instance")


def verbs(command=cli, path=()):
    """Yield the path of every verb of the command line."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from verbs(below, (*path, name))
    else:
        yield path


VERBS = set(verbs())


def verb_of(words):
    """The verb that a command line calls."""
    plain = [word for word in words if not word.startswith("-")]
    return next(tuple(plain[:length]) for length in (2, 1) if tuple(plain[:length]) in VERBS)


@dataclass(frozen=True)
class Said:
    """What a command line said, and how it ended."""

    words: tuple
    code: int
    out: bytes
    err: bytes

    @property
    def verb(self):
        """The verb as people type it."""
        return " ".join(verb_of(self.words))


@dataclass
class Watch:
    """Reads words and variables of processes while they run, and of the processes that they start.

    Attributes:
        seen: what was read, by the words of the process.
        looks: how often processes were looked at.
    """

    seen: dict = field(default_factory=dict)
    looks: int = 0

    @contextmanager
    def over(self, process, allowed):
        """Watch a process for the length of the block; `allowed` are the words that the operator typed."""
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(process.pid, allowed, ended))
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def _watch(self, pid, allowed, ended):
        while not ended.is_set():
            for one in _family(pid):
                self._look(one, allowed)
            ended.wait(_LOOK_EVERY_S)

    def _look(self, pid, allowed):
        with suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            told = b"\0".join(word for word in words.split(b"\0") if word.decode() not in allowed)
            variables = Path(f"/proc/{pid}/environ").read_bytes()
            self.seen[words] = told + b"\0\0" + variables
            self.looks += 1


def _family(pid):
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


class Place:
    """A folder with settings, and everything that was said in it.

    Attributes:
        said: what every command line said, in the order of their ends.
        watch: what was seen of their processes.
    """

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.said, self.watch = [], Watch()
        self._spoken = folder.parent / "spoken"
        self._spoken.mkdir()
        self._cradle = subprocess.Popen([*_EJSYNC], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **self._around(""))

    def close(self):
        """End the fork server."""
        with self._cradle as cradle:
            cradle.stdin.close()

    def _around(self, crash):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "CANARY_TODAY": str(TODAY), "CANARY_CRASH": crash}
        # Wide enough that no table breaks a token in two.
        environment |= {"COLUMNS": "500", "TMPDIR": str(self.folder), "PYTHONIOENCODING": "utf-8"}
        return {"cwd": self.folder, "env": environment}

    def begin(self, *words, crash=""):
        """Start a command line at debug level as a program of its own."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*_EJSYNC, *map(str, words), "--debug"], **pipes, **self._around(crash))

    def run_alone(self, *words):
        """Run a command line to its end as a program of its own, and watch it."""
        typed = tuple(map(str, words))
        with self.begin(*typed) as process, self.watch.over(process, typed):
            out, err = process.communicate(timeout=_QUIET_S)
        return self._noted(typed, process.returncode, out, err)

    def run(self, *words, crash="", **death):
        """Run a command line to its end, or to the death that `point` and `nth` name."""
        typed = tuple(map(str, words))
        files = {"out": str(self._spoken / "out"), "err": str(self._spoken / "err")}
        asked = {"words": [*typed, "--debug"], "crash": crash, **files, **death}
        self._cradle.stdin.write(json.dumps(asked).encode() + b"\n")
        self._cradle.stdin.flush()
        code = int(self._cradle.stdout.readline())
        return self._noted(typed, code, *(Path(file).read_bytes() for file in files.values()))

    def _noted(self, *told):
        self.said.append(Said(*told))
        return self.said[-1]

    def files(self, left_out):
        """Yield every file of the folder but those in the folders and of the names that are left out."""
        for path in sorted(self.folder.rglob("*")):
            inside = path.relative_to(self.folder)
            if path.is_file() and not any(inside.is_relative_to(name) for name in left_out):
                yield str(inside), path.read_bytes()
