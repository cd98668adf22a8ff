"""Signing in over HTTP, from run to run: tokens, rights and cookies are kept in a real store, and used again."""

import json
import subprocess
import sys
import threading
from collections import Counter
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import httpx
import pytest

from ejsync.contracts import Contracts
from ejsync.domain.fingerprints import Keyring
from ejsync.errors import SourceAuthFailed, SourceForbidden
from ejsync.pipeline.ports import Surroundings
from ejsync.runtime import SystemClock
from ejsync.sealing import Seal
from ejsync.sources import EljurConfig
from ejsync.sources.eljur.client.rights import RightsBook
from ejsync.sources.eljur.client.signin import Session
from ejsync.sources.eljur.client.wire import Wire
from ejsync.store import StoreMemory
from ejsync.transport import Limits
from tests.doubles.vault import sealed_store

pytestmark = pytest.mark.slow

MASTER = b"m" * 32
PROGRAM = """
from datetime import date
from ejsync.sandbox.journal import run_journal
run_journal(host="127.0.0.1", port=0, pupils=30, seed=12, today=date(2026, 11, 16), many_schools=True)
"""


@pytest.fixture(scope="module")
def journal():
    """A simulated journal on a host of many schools: without its cookie no token is good."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture(autouse=True)
def _undisturbed(journal):
    """No test sees faults or counts of another."""
    httpx.delete(journal["control"] + "/faults")
    httpx.delete(journal["control"] + "/requests")


@pytest.fixture
def run(journal, tmp_path, monkeypatch):
    """Begin a run: a process's own store, wire and session of the service account, on the database of the test."""
    ended = []
    service = next(account for account in journal["accounts"] if account["name"] == "service")
    monkeypatch.setenv("DEVKEY", journal["devkey"])
    monkeypatch.setenv("PASSWORD", service["password"])

    def make(master=MASTER):
        account = {"name": "service", "login": service["login"], "password": "env:PASSWORD"}
        config = EljurConfig.model_validate(
            {"type": "eljur", "base_url": journal["base_url"] + "/apiv3", "vendor": journal["vendor"],
             "devkey": "env:DEVKEY", "accounts": [account], "request_pause_ms": 0, "parallel_reads": 8}
        )  # fmt: skip
        clock = SystemClock()
        store = sealed_store(tmp_path / "ejsync.db", clock)
        memory = StoreMemory(store, "lyceum", Seal.from_master(master), clock)
        digest = Keyring.from_master(master).fingerprint
        around = Surroundings(clock, Random(1), Contracts(), digest, memory, ZoneInfo("Europe/Moscow"))
        wire = Wire(config, clock=clock, rng=around.rng, limits=Limits(attempts=1))
        session = Session(config.accounts[0], config, wire=wire, around=around)
        ended.extend((wire, store))
        return SimpleNamespace(session=session, book=RightsBook("service", session, around), wire=wire)

    yield make
    for one in ended:
        one.close()


def calls(journal):
    """Count the requests that the journal got, by method."""
    return httpx.get(journal["control"] + "/requests").json()["by_method"]


def expire(journal):
    """Make every token worthless, and let nobody notice in any count."""
    httpx.post(journal["control"] + "/faults", json={"kind": "expired_token", "times": 1, "match": "getrules"})
    params = {"devkey": journal["devkey"], "vendor": journal["vendor"]}
    httpx.get(f"{journal['base_url']}/apiv3/getrules", params=params)
    httpx.delete(journal["control"] + "/requests")


def test_a_restart_keeps_token_cookie_and_rights(journal, run, tmp_path):
    """Three runs sign in once and ask for the rights once; the host's cookie goes along, and nothing lies readable."""
    rights = [run().book.rights() for _ in range(3)]
    assert rights[0] == rights[1] == rights[2]
    assert calls(journal) == {"auth": 1, "getrules": 1}
    third = run()
    assert third.session.call("getmessagereceivers", {}).state == 200
    assert calls(journal) == {"auth": 1, "getrules": 1, "getmessagereceivers": 1}
    assert [cookie.name for cookie in third.wire.cookies] == ["school_domain"]
    token = third.session._token.value.encode()
    assert not any(token in path.read_bytes() for path in tmp_path.iterdir())


def test_another_master_key_signs_in_anew(journal, run):
    """What was sealed under the old key is lost, which costs one sign-in and no error."""
    run().book.rights()
    run(master=b"x" * 32).book.rights()
    assert calls(journal) == {"auth": 2, "getrules": 2}


def test_eight_threads_renew_an_expired_token_once(journal, run):
    """However many threads meet an expired token at once, the account signs in once and all are answered."""
    one, states = run(), Counter()
    one.session.call("getrules", {})
    expire(journal)
    barrier = threading.Barrier(8)

    def _call():
        barrier.wait(timeout=30)
        states[one.session.call("getrules", {}).state] += 1

    threads = [threading.Thread(target=_call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = calls(journal)
    assert states == {200: 8}
    assert counted["auth"] == 1
    assert 9 <= counted["getrules"] <= 16


def test_a_process_beside_us_shares_its_new_token(journal, run):
    """After a CLI verb renewed the expired token, the daemon goes on with that one."""
    daemon, doctor = run(), run()
    daemon.session.call("getrules", {})
    expire(journal)
    doctor.session.call("getrules", {})
    daemon.session.call("getrules", {})
    assert calls(journal)["auth"] == 1


def test_a_lost_right_does_not_sign_in_again_and_again(journal, run):
    """A method that the account has no right to costs one sign-in an hour, over ten restarts and many calls."""
    run().session.call("getrules", {})
    for _ in range(10):
        with pytest.raises(SourceForbidden):
            run().session.call("getmarks", {"student": "1", "days": "20261116"})
    counted = calls(journal)
    assert counted["auth"] == 2
    assert counted["getmarks"] == 11


def test_a_crash_loop_with_a_wrong_password_asks_once(journal, run, monkeypatch):
    """Ten restarts with a wrong password are one request; the right password is tried at once."""
    right = run()
    monkeypatch.setenv("PASSWORD", "wrong")
    for _ in range(10):
        with pytest.raises(SourceAuthFailed, match="Неправильный логин или пароль"):
            run().book.rights()
    assert calls(journal) == {"auth": 1}
    monkeypatch.undo()
    monkeypatch.setenv("DEVKEY", journal["devkey"])
    service = next(account for account in journal["accounts"] if account["name"] == "service")
    monkeypatch.setenv("PASSWORD", service["password"])
    right.book.rights()
    assert calls(journal) == {"auth": 2, "getrules": 1}
