"""Accounts that see a part of a school, over HTTP: what nobody reads is shown, a lost right deletes nothing."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import closing
from types import SimpleNamespace

import httpx
import pytest

from tests.doubles.clock import VirtualClock
from tests.doubles.vault import sealed_store

pytestmark = pytest.mark.slow

MASTER = bytes(range(32))
JOURNAL = """
from datetime import date
from ejsync.sandbox.journal import run_journal
run_journal(host="127.0.0.1", port=0, pupils=40, seed=7, today=date(2026, 11, 16), rights="partial")
"""
SETTINGS = """
[store]
path = "state/ejsync.db"
[keys]
master = "file:master"
[[schools]]
name = "school-7"
title = "Школа"
timezone = "Europe/Moscow"
[schools.source]
type = "eljur"
base_url = "{base_url}/apiv3"
vendor = "{vendor}"
devkey = "file:devkey"
request_pause_ms = 0
{accounts}
[[schools.sinks]]
type = "dryrun"
name = "ed"
"""
ACCOUNT = '[[schools.source.accounts]]\nname = "{name}"\nlogin = "{login}"\npassword = "file:{name}.secret"\n'
REQUESTS, RIGHTS = "/_control/requests", "/_control/rights"


@pytest.fixture(scope="module")
def journal():
    """A simulated journal whose service account reads classes and no pupils."""
    with subprocess.Popen([sys.executable, "-c", JOURNAL], stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.fixture
def place(journal, tmp_path):
    """A folder with settings for every account of that journal, and what may be done there."""
    (tmp_path / "devkey").write_text(journal["devkey"])
    (tmp_path / "master").write_text(MASTER.hex())
    for account in journal["accounts"]:
        (tmp_path / f"{account['name']}.secret").write_text(account["password"])
    accounts = "\n".join(ACCOUNT.format(**account) for account in journal["accounts"])
    (tmp_path / "ejsync.toml").write_text(SETTINGS.format(**{**journal, "accounts": accounts}), encoding="utf-8")
    return Place(journal, tmp_path)


class Place(SimpleNamespace):
    """A school in a folder, and the journal's control door."""

    def __init__(self, journal, folder):
        super().__init__(url=journal["base_url"], accounts=journal["accounts"], folder=folder)

    def run(self, *words):
        """Run a verb in English; return its exit code and what it printed."""
        command = [sys.executable, "-m", "ejsync", "--lang", "en", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        assert "EJ-900" not in done.stderr
        return done.returncode, done.stdout

    def school(self, *words):
        """The one school of a verb's document."""
        code, out = self.run(*words, "--json")
        assert code == 0
        (school,) = json.loads(out)["schools"]
        return school

    def asked(self):
        """Count what the journal was asked for since this was last asked, without signing in and rights."""
        counts = Counter(httpx.get(self.url + REQUESTS).json()["by_method"])
        httpx.delete(self.url + REQUESTS)
        return sum(count for method, count in counts.items() if method not in {"auth", "getrules"})

    def change(self, op, school_class, *methods):
        """Take from every account, or give to the class's bridge account, what its pupils are read by."""
        logins = [one["login"] for one in self.accounts if op == "revoke" or one["name"] == bridge_of(self.accounts)]
        changes = [
            {"op": op, "account": login, "method": method, "pupils_of": school_class}
            for login in logins
            for method in methods
        ]
        httpx.post(self.url + RIGHTS, json=changes).raise_for_status()

    def marks(self):
        """How many marks are known and live."""
        with (
            closing(sealed_store(self.folder / "state" / "ejsync.db", VirtualClock(), MASTER)) as store,
            store.read("school-7") as tx,
        ):
            return tx.records.live_counts()["mark"]


def bridge_of(accounts):
    """The first account that reads the pupils of a class."""
    return next(account["name"] for account in accounts if account["name"].startswith("bridge-"))


def gaps_of(coverage, method):
    """The gaps of one method by class."""
    return {gap["class"]: gap for gap in coverage["gaps"] if gap["method"] == method}


def class_of_bridge(place):
    """The class whose pupils the first bridge account reads."""
    login = next(one["login"] for one in place.accounts if one["name"] == bridge_of(place.accounts))
    shown = httpx.get(place.url + RIGHTS).json()["rights"][login]
    return next(iter(shown["classes"]))


def test_the_plan_counts_what_is_asked_then(place):
    """`plan` makes no request of its own but for rights, and a cycle makes exactly as many as it counted."""
    place.school("sync", "--feed", "roster")
    place.asked()
    counted = place.school("plan")["requests_now"]
    assert place.asked() == 0
    place.run("sync")
    assert place.asked() == counted > 10
    assert place.school("plan")["requests_now"] < counted


def test_what_nobody_may_read_is_shown_and_asked_for(place, journal):
    """Coverage counts exactly the pupils for whom no account has the right, by the journal's own word."""
    place.school("sync", "--feed", "roster")
    shown, pupils = httpx.get(place.url + RIGHTS).json()["rights"], Counter()
    readable = {
        pupil
        for held in shown.values()
        for pupil, methods in held["pupils"].items()
        if "getfinalassessments" in methods
    }
    for pupil in httpx.get(place.url + "/_control/state").json()["pupils"]:
        pupils[pupil["class"]] += pupil["id"] not in readable
    coverage = place.school("source", "coverage")
    gaps = gaps_of(coverage, "getfinalassessments")
    assert {name: gap["missing_pupils"] for name, gap in gaps.items()} == {name: n for name, n in pupils.items() if n}
    assert any(sentence.startswith("getfinalassessments") or "getfinalassessments" in sentence.partition(" for ")[0]
               for sentence in coverage["ask_for"])  # fmt: skip


def test_a_lost_right_is_seen_deletes_nothing_and_comes_back(place):
    """The gap shows when it was last read, `status --check` exits 6, marks stay; given back, all is well again."""
    place.school("sync")
    name, methods, before = class_of_bridge(place), ("getmarks", "getdiary"), place.marks()
    covered = gaps_of(place.school("source", "coverage"), "getmarks").get(name, {"missing_pupils": 0})["missing_pupils"]
    assert place.run("status", "--check")[0] == 0
    place.change("revoke", name, *methods)
    lost = gaps_of(place.school("source", "coverage"), "getmarks")[name]
    assert lost["missing_pupils"] > covered
    assert lost["lost_pupils"] == lost["missing_pupils"] - covered
    assert lost["last_read_at"] is not None
    place.school("sync")
    code, shown = place.run("status", "--check")
    assert (code, place.marks()) == (6, before)
    assert "marks: rights to read were lost" in shown
    place.change("grant", name, *methods)
    assert gaps_of(place.school("source", "coverage"), "getmarks").get(name) is None
    place.school("sync")
    assert place.run("status", "--check")[0] == 0
    assert place.marks() >= before
