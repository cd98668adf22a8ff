"""The search for leaks finds what is planted, and the session it watches fails."""

import io
import json
import logging
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import structlog

from ejsync import logs
from ejsync.errors import SourceUnavailable
from ejsync.sandbox.accounts import invent_accounts
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sandbox.sessions import Sessions
from tests import leak_hooks
from tests.leak_hooks import gathering
from tests.leaks import Gatherer

ROOT = Path(__file__).parents[2]
NOTHING = "SourceUnavailable, 0123456789abcdef0123456789abcdef, школа № 7, ключ 100001/77/2026-11-16/0"
PLANTED = """
from ejsync.errors import SourceUnavailable

def test_that_leaks(): SourceUnavailable(host="h", method="m", reason="{secret}")
"""


@pytest.fixture
def gatherer():
    """A search of its own: what this test plants is no leak of the session."""
    with gathering() as made:
        yield made


@pytest.fixture
def sandbox(gatherer):
    """A simulated journal's book and its sign-in, invented while the search learns."""
    book = invent_rollbook(pupils=4, seed=987_654, today=date(2026, 11, 16))
    return book, Sessions(book, accounts=invent_accounts(book))


@pytest.fixture
def log():
    """The log of this process, given back after the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("info", "json", io.StringIO())
    yield structlog.get_logger("ejsync.x")
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def found(gatherer):
    """What was found and where; no report may show what it found."""
    hits = gatherer.search()
    assert all("***" in hit.line for hit in hits)
    return [(hit.what, hit.origin) for hit in hits]


def test_nothing_is_found_where_nothing_is(gatherer, sandbox, world):
    """Fingerprints, keys, ids and plain words are no leaks."""
    gatherer.line("log", NOTHING)
    world.consent("1001")
    assert found(gatherer) == []
    assert gatherer.lines > 1


def test_a_devkey_in_a_log_field_is_found(gatherer, sandbox, log):
    """A secret stands out even inside a longer word of an allowed field."""
    log.info("feed.read", reason=f"x{sandbox[1].devkey}y")
    assert found(gatherer) == [("devkey", "log")]


def test_a_password_in_a_library_s_sentence_is_found(gatherer, sandbox, log):
    """Lines of the standard library's log count as well."""
    logging.getLogger("somebody").warning("login with %s", sandbox[1].accounts[0].password)
    assert found(gatherer) == [("password", "log")]


def test_a_token_in_an_error_is_found(gatherer, sandbox):
    """An error is heard when it is made; whether somebody shows it is another matter."""
    _, sessions = sandbox
    account = sessions.accounts[0]
    token = sessions.sign_in({"login": account.login, "password": account.password})["token"]
    SourceUnavailable(host="h", method="m", reason=f"auth_token={token}")
    assert found(gatherer) == [("token", "error")]


def test_a_name_in_an_audit_entry_is_found(gatherer, sandbox, world):
    """A pupil's surname in any case or gender is found where the chain grows."""
    (pupil, *_) = sandbox[0].pupils.values()
    with world.tx() as tx:
        tx.audit.append("feed.read", {"feed": [f"{pupil.firstname} {pupil.lastname}у"]}, world.clock.now())
    assert found(gatherer) == [("name", "audit")]


def test_the_audit_of_another_process_is_searched(gatherer, sandbox, world, tmp_path, monkeypatch):
    """A store beside which a process worked is opened at the end, and its chain is searched as our own."""
    monkeypatch.setattr(leak_hooks, "_homes", {tmp_path})
    (pupil, *_) = sandbox[0].pupils.values()
    with world.tx() as tx:
        tx.audit.append("feed.read", {"feed": pupil.lastname}, world.clock.now())
    with gathering() as apart:
        leak_hooks._audit_of_processes(apart)
        assert found(apart) == [("name", "audit")]


@pytest.mark.parametrize("through", ["pipe", "file"])
def test_what_a_process_complains_of_is_searched(gatherer, sandbox, tmp_path, through):
    """The standard error of a process is read, from a pipe or from the file it went to."""
    command = [sys.executable, "-c", f"import sys; sys.stderr.write('{sandbox[1].devkey}')"]
    with (tmp_path / "err").open("wb") as err:
        subprocess.run(command, stderr=err if through == "file" else subprocess.PIPE, check=True)
    assert found(gatherer) == [("devkey", "stderr")]


def test_a_full_gatherer_forgets_no_leak():
    """What no longer fits is searched before it is let go."""
    small = Gatherer(full_bytes=1000)
    small.secret("password", "odd pass/word")
    small.line("log", "an odd pass/word at the beginning")
    for number in range(200):
        small.line("log", f"line {number}")
    assert found(small) == [("password", "log")]
    assert small.lines == 201
    small.close()


def test_short_secrets_are_no_needles():
    """What might be any word is not searched for."""
    gatherer = Gatherer()
    gatherer.secret("password", "letmein")
    gatherer.line("log", "letmein")
    assert found(gatherer) == []
    gatherer.close()


def test_an_escaped_name_is_found():
    """A name in ASCII's clothes, or in small letters, is a name."""
    gatherer = Gatherer()
    gatherer.line("audit", json.dumps({"who": "Тестовабров"}))
    gatherer.line("log", "тестовабровой")
    assert found(gatherer) == [("name", "audit"), ("name", "log")]
    gatherer.close()


@pytest.mark.slow
@pytest.mark.parametrize(("secret", "code", "told"), [("0a" * 20, 1, "1 hits"), ("harmless", 0, "0 hits")])
def test_a_session_that_leaks_fails(tmp_path, secret, code, told):
    """Every test passed, and yet the session fails and says where it leaked, without the leak."""
    (tmp_path / "test_planted.py").write_text(PLANTED.format(secret=secret), encoding="utf-8")
    (tmp_path / "none.ini").write_text("[pytest]\n", encoding="utf-8")
    words = ["-c", str(tmp_path / "none.ini"), "-p", "tests.leak_hooks", "-p", "no:cacheprovider", str(tmp_path)]
    command = [sys.executable, "-m", "pytest", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, told in done.stdout, "1 passed" in done.stdout) == (code, True, True), done.stdout
    assert ("LEAK  token in error, test_planted.py::test_that_leaks" in done.stdout) is bool(code)
    assert secret not in done.stdout.replace(str(tmp_path), "")
