"""The pytest plugin of the leak search: listens where texts and secrets come up, and judges the session at its end."""

import functools
import json
import sqlite3
import subprocess
import time
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest
import structlog

import ejsync.cli.showing
import ejsync.sandbox.processes
from ejsync.errors import EjsyncError
from ejsync.sandbox.diary_auth import Credentials
from ejsync.sandbox.sessions import Sessions
from ejsync.store.audit_table import AuditTable
from tests.leaks import Gatherer

_gatherers = [Gatherer()]
_spent_s = [0.0]
_homes = set()


@contextmanager
def gathering():
    """Gather apart from the session's own search, for a test that plants leaks."""
    _gatherers.append(Gatherer())
    try:
        yield _gatherers[-1]
    finally:
        _gatherers.pop().close()


def _after(owner, name, listen):
    """Let `listen(result, *arguments)` hear of each call; what it costs is counted."""
    called = getattr(owner, name)

    @functools.wraps(called)
    def heard(*arguments, **named):
        result = called(*arguments, **named)
        began = time.perf_counter()
        listen(_gatherers[-1], result, *arguments, **named)
        _spent_s[0] += time.perf_counter() - began
        return result

    setattr(owner, name, heard)


def _logged(gatherer, text, *_, **__):
    gatherer.line("log", text)


def _raised(gatherer, _, error, **__):
    gatherer.line("error", f"{error!s} {error!r}")


def _told(gatherer, text, *_, **__):
    gatherer.line("error", text)


def _noted(gatherer, _, text=""):
    gatherer.line("stderr", text)


def _audited(gatherer, _, __, event="", details=None, *___, **____):
    gatherer.line("audit", f"{event} {details!r}")


def _opened(gatherer, _, sessions, *__, **___):
    for devkey in (sessions.devkey, sessions.devkey_without_access):
        gatherer.secret("devkey", devkey)
    for account in sessions.accounts:
        gatherer.secret("password", account.password)


def _admitted(gatherer, credentials, *_, **__):
    gatherer.secret("token", credentials.token)
    gatherer.secret("token", credentials.client_secret)


def _announced(gatherer, document, *_, **__):
    """Learn the secrets that a sandbox in another process announces."""
    if isinstance(document, dict) and "devkey" in document:
        gatherer.secret("devkey", document["devkey"])
        for account in document.get("accounts", ()):
            gatherer.secret("password", account.get("password"))


def _started(_, __, process, arguments=(), *___, **named):
    """Remember what a process of ours writes to beside a pipe, and where its store may lie."""
    err = named.get("stderr")
    process.leak_file = getattr(err, "name", None)
    words = list(map(str, arguments)) if isinstance(arguments, list | tuple) else []
    if "ejsync" in words:
        _homes.update(Path(after).parent for word, after in pairwise(words) if word == "--config")
        _homes.update(filter(None, [named.get("cwd")]))


def _ended(gatherer, _, process, *__, **___):
    if isinstance(path := getattr(process, "leak_file", None), str):
        with suppress(OSError):
            _lines(gatherer, Path(path).read_bytes())


def _spoke(gatherer, streams, *_, **__):
    _lines(gatherer, streams[1])


def _lines(gatherer, content):
    text = content.decode("utf-8", "backslashreplace") if isinstance(content, bytes) else content or ""
    for line in text.splitlines():
        gatherer.line("stderr", line)


def _audit_of_processes(gatherer):
    """Gather the audit of stores that other processes kept, as far as their folders are still there."""
    for store in {found for home in _homes for found in Path(home).rglob("ejsync.db")}:
        with suppress(sqlite3.Error), sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
            for event, details in connection.execute("SELECT event, details FROM audit_event"):
                gatherer.line("audit", f"{event} {details}")


def _kinds(root=EjsyncError):
    return [root, *(kind for below in root.__subclasses__() for kind in _kinds(below))]


def install():
    """Hang up every listener."""
    _after(structlog.stdlib.ProcessorFormatter, "format", _logged)
    _after(structlog.dev.ConsoleRenderer, "__call__", _logged)
    for kind in _kinds():
        _after(kind, "__init__", _raised)
    for name in ("sentence", "remedy"):
        _after(EjsyncError, name, _told)
    _after(ejsync.cli.showing, "note", _noted)
    _after(AuditTable, "append", _audited)
    _after(Sessions, "__init__", _opened)
    _after(Credentials, "from_seed", _admitted)
    _after(json, "loads", _announced)
    _after(ejsync.sandbox.processes, "_first_line", _announced)
    _after(subprocess.Popen, "__init__", _started)
    _after(subprocess.Popen, "communicate", _spoke)
    _after(subprocess.Popen, "wait", _ended)


class LeakSearch:
    """Fails a session that leaked, and tells what was searched."""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        """Search what the whole session said."""
        gatherer, began = _gatherers[0], time.perf_counter()
        _audit_of_processes(gatherer)
        if gatherer.search() and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        _spent_s[0] += time.perf_counter() - began

    def pytest_terminal_summary(self, terminalreporter):
        """Print one line of counts, and each leak."""
        gatherer = _gatherers[0]
        counts = f"{gatherer.lines} lines searched for {gatherer.needles} needles: {len(gatherer.hits)} hits"
        terminalreporter.write_line(f"leaks: {counts} ({_spent_s[0]:.1f} s)", red=bool(gatherer.hits))
        for hit in gatherer.hits[:50]:
            terminalreporter.write_line(f"LEAK  {hit}", red=True)


def pytest_configure(config):
    """Begin to listen."""
    if not config.pluginmanager.has_plugin("leak-search"):
        install()
        config.pluginmanager.register(LeakSearch(), "leak-search")
