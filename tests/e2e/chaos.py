"""`ejsync run` against both sandbox servers under random edits, faults and `kill -9`; at the end ED equals journal.

As a program: `python tests/e2e/chaos.py --seconds 180 --seed 1`. Everything is a real process; the comparison shares
nothing with the flow. Waiting here is for other processes, up to a deadline, never a guess at how long they need.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import httpx

from ejsync.sandbox.comparison import compare
from ejsync.sandbox.expectation import Covered, Span

ZONE = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
"""A zone in which it is about noon (its sign says how far west): no run of ours meets a midnight."""
TODAY = datetime.now(ZoneInfo(ZONE)).date()
CONFIG = """
[store]
path = "ejsync.db"
[keys]
master = "file:master"
[feeds.roster]
every_minutes = 0.04
[feeds.periods]
every_minutes = 0.1
[feeds.timetable]
every_minutes = 0.05
days_ahead = 14
days_back = "school_year"
[feeds.substitutions]
every_minutes = 0.1
[feeds.diary]
every_minutes = 0.1
days_ahead = 14
days_back = "school_year"
[feeds.homework]
every_minutes = 0.05
days_ahead = 14
days_back = "school_year"
[feeds.marks]
every_minutes = 0.04
days_back = "school_year"
[feeds.finals]
every_minutes = 0.05
[feeds.derived]
every_minutes = 0.05
[delivery]
every_seconds = 1
batch_items = 200
[service]
port = 0
[[schools]]
name = "chaos"
title = "Chaos"
timezone = "{zone}"
[schools.source]
type = "eljur"
base_url = "{journal}/apiv3"
vendor = "{vendor}"
devkey = "file:devkey"
request_pause_ms = 0
{accounts}
[[schools.sinks]]
type = "ed"
base_url = "{diary}"
token = "file:token"
"""
JOURNAL_FAULTS = ("outage", "throttle", "reset_before", "reset_after", "html", "truncated", "no_response", "empty")
DIARY_FAULTS = ("outage", "throttle", "reset_before", "reset_after", "error500", "no_answer")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclass
class World:
    """Three processes and what was done to them."""

    folder: Path
    rng: Random
    pupils: int = 30
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port = free_port()
        self.http = httpx.Client(timeout=30, trust_env=False)
        self.journal, announced = self._serve("journal", "--pupils", str(self.pupils), "--today", TODAY.isoformat())
        self.door = announced["control"]
        self._start_diary()
        self._configure(announced)
        self.daemon: subprocess.Popen[bytes] | None = None
        self.withdrawn: set[str] = set()

    def _ejsync(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "ejsync", "--config", str(self.folder / "ejsync.toml"), *arguments]

    def _serve(self, *arguments: str) -> tuple[subprocess.Popen[bytes], dict]:
        process = subprocess.Popen([sys.executable, "-m", "ejsync", "sandbox", *arguments], stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout as first_line:
            return process, json.loads(first_line.readline())

    def _start_diary(self) -> None:
        database = str(self.folder / "diary.db")
        self.diary, self.ed = self._serve("diary", "--port", str(self.port), "--database", database)

    def _configure(self, announced: dict) -> None:
        readers = [account for account in announced["accounts"] if account["role"] != "parent"]
        accounts = ""
        for account in readers:
            self._secret(account["name"], account["password"])
            name, login = account["name"], account["login"]
            accounts += f'[[schools.source.accounts]]\nname = "{name}"\nlogin = "{login}"\npassword = "file:{name}"\n'
        self._secret("devkey", announced["devkey"])
        self._secret("token", self.ed["token"])
        self._secret("master", os.urandom(32).hex())
        text = CONFIG.format(
            journal=announced["base_url"],
            vendor=announced["vendor"],
            diary=self.ed["base_url"],
            accounts=accounts,
            zone=ZONE,
        )
        (self.folder / "ejsync.toml").write_text(text)

    def _secret(self, name: str, value: str) -> None:
        (self.folder / name).write_text(value)

    def state(self, door: str) -> dict:
        """Return everything a sandbox server holds."""
        return self.http.get(f"{door}/state").json()

    def consent(self) -> None:
        """Register a decision for nine pupils of ten, through the command line."""
        pupils = sorted(pupil["id"] for pupil in self.state(self.door)["pupils"])
        self.permitted = {pupil for number, pupil in enumerate(pupils) if number % 10}
        lines = [f"{pupil};результаты;согласие;родитель;1;01.09.2025;" for pupil in sorted(self.permitted)]
        sheet = self.folder / "consents.csv"
        sheet.write_text(
            "ученик;область;решение;кем дано;документ;действует с;действует до\n" + "\n".join(lines) + "\n"
        )
        self.cli("consent", "import", str(sheet))

    def cli(self, *arguments: str) -> str:
        """Run a verb beside the daemon and return what it prints."""
        done = subprocess.run(self._ejsync(*arguments), capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode in {0, 3, 5, 7}, (arguments, done.returncode, done.stderr)
        return done.stdout

    def start_daemon(self) -> None:
        """Start `ejsync run`, with shorter waits after failures."""
        words = [sys.executable, "-m", "tests.e2e.lives", "--config", str(self.folder / "ejsync.toml"), "run"]
        with (self.folder / "daemon.log").open("ab") as log:
            self.daemon = subprocess.Popen(words, stdout=log, stderr=log, cwd=Path(__file__).parents[2])

    def kill_daemon(self) -> None:
        """Kill the daemon with no chance to tidy up, and start the next one."""
        assert self.daemon is not None
        assert self.daemon.poll() is None, (self.folder / "daemon.log").read_text()[-3000:]
        self.daemon.kill()
        self.daemon.wait()
        self.start_daemon()

    def kill_diary(self) -> None:
        """Kill the diary and start it again on the same database and port."""
        self.diary.kill()
        self.diary.wait()
        self._start_diary()

    def edit(self) -> None:
        """Let the school change a few things."""
        seed = self.rng.randrange(10**6)
        self.http.post(f"{self.door}/random", json={"n": self.rng.randint(1, 5), "seed": seed}).raise_for_status()

    def journal_fault(self) -> None:
        """Order a fault at the journal."""
        document = {"kind": self.rng.choice(JOURNAL_FAULTS), "times": self.rng.randint(1, 6)}
        if document["kind"] == "throttle":
            document["retry_after_s"] = 1
        self.http.post(f"{self.door}/faults", json=document).raise_for_status()

    def diary_fault(self) -> None:
        """Order a fault at the diary."""
        document = {"kind": self.rng.choice(DIARY_FAULTS), "times": 1, "match": "/batches"}
        self.http.post(f"{self.ed['control']}/faults", json=document).raise_for_status()

    def withdraw(self) -> None:
        """Let a family withdraw its consent, through the command line beside the daemon."""
        pupil = self.next_withdrawal()
        if pupil is not None:
            self.cli("consent", "withdraw", "--yes", pupil)

    def next_withdrawal(self) -> str | None:
        """Name a pupil whose family is to withdraw now; None once only half of them are left."""
        present = {pupil["id"] for pupil in self.state(self.door)["pupils"]}
        candidates = sorted(self.permitted & present)
        if len(candidates) <= self.pupils // 2:
            return None
        pupil = self.rng.choice(candidates)
        self.permitted.discard(pupil)
        return pupil

    def act(self) -> None:
        """Do one random thing."""
        actions = [self.edit, self.kill_daemon, self.kill_diary, self.journal_fault, self.diary_fault, self.withdraw]
        action = self.rng.choices(actions, weights=[12, 3, 2, 3, 3, 1])[0]
        self.counts[action.__name__] = self.counts.get(action.__name__, 0) + 1
        action()

    def settle(self, within_s: float) -> None:
        """Call all faults off and wait until the two agree; raises AssertionError after the deadline."""
        for door in (self.door, self.ed["control"]):
            self.http.delete(f"{door}/faults").raise_for_status()
        deadline = time.monotonic() + within_s
        while not (found := self.compared()).equal:
            assert time.monotonic() < deadline, (
                found.by_kind(),
                found.missing[:5],
                found.differing[:5],
                found.unexpected[:5],
            )
            time.sleep(1)

    def compared(self):
        """Compare the two now."""
        start = date(TODAY.year if TODAY.month >= 9 else TODAY.year - 1, 9, 1).isoformat()
        ahead = (TODAY + timedelta(days=14)).isoformat()
        today, whole = TODAY.isoformat(), Span(start, ahead)
        covered = Covered(whole, whole, Span(start, today), whole, concluded=today)
        journal, diary = self.state(self.door), self.state(self.ed["control"])
        return compare(journal, diary, permitted=self.permitted, covered=covered)

    def stop_daemon(self) -> float:
        """Ask the daemon to end and return the seconds that took."""
        assert self.daemon is not None
        started = time.monotonic()
        self.daemon.send_signal(signal.SIGTERM)
        assert self.daemon.wait(timeout=15) == 0
        return time.monotonic() - started

    def close(self) -> None:
        """End every process."""
        for process in (self.daemon, self.journal, self.diary):
            if process is not None:
                with suppress(ProcessLookupError):
                    process.kill()
                process.wait()
        self.http.close()


def rampage(folder: Path, *, seconds: float, seed: int, settle_within_s: float = 240) -> dict[str, object]:
    """Live through `seconds` of trouble and return what was done and found."""
    world = World(folder, Random(seed))
    try:
        world.consent()
        world.start_daemon()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            world.act()
            time.sleep(world.rng.uniform(0.2, 1.5))
        world.settle(settle_within_s)
        stopped_s = world.stop_daemon()
        found, diary = world.compared(), world.state(world.ed["control"])
        audit = world.cli("audit", "verify")
        return {
            "equal": found.equal,
            "records": found.delivered,
            "withheld": found.withheld,
            "lost": found.lost,
            "duplicated": found.duplicated,
            "unexpected": len(found.unexpected),
            "version_regressions": diary["version_regressions"],
            "replayed_receipts": diary["replayed"],
            "batches": diary["batches"],
            "stopped_s": round(stopped_s, 1),
            "audit": audit.strip(),
            "actions": dict(sorted(world.counts.items())),
        }
    finally:
        world.close()


def main() -> None:
    """Run from the command line and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = rampage(Path(name), seconds=arguments.seconds, seed=arguments.seed)
    print(json.dumps(found, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
