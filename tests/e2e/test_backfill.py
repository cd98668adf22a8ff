"""A whole year read by order: killed twice, resumed, complete, and nobody asked twice for what had been read."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager
from datetime import date, timedelta

import pytest

TODAY, FIRST, LAST = "2027-05-28", "2026-09-01", "2027-05-31"
PUPILS, DENSITY = 600, 0.1
KILLED_AFTER = (300, 800)
"""Requests after which the run is killed."""
DATED = {"getmarks", "getschedule", "gethomework"}
ORDERED = ("--feed", "timetable", "--feed", "homework", "--feed", "marks", "--feed", "finals")
FEEDS = ("roster", "periods", "timetable", "substitutions", "diary", "homework", "marks", "finals")
CONFIG = """
[store]
path = "ejsync.db"
[keys]
master = "file:master"
{feeds}
[[schools]]
name = "year"
title = "Year"
timezone = "Europe/Moscow"
[schools.source]
type = "eljur"
base_url = "{base_url}/apiv3"
vendor = "{vendor}"
devkey = "file:devkey"
request_pause_ms = 0
parallel_reads = 1
{accounts}
[[schools.sinks]]
type = "dryrun"
"""


@contextmanager
def journal():
    """Run a simulated journal of a whole year and yield what it announces."""
    size = ("--pupils", str(PUPILS), "--density", str(DENSITY), "--today", TODAY)
    command = [sys.executable, "-m", "ejsync", "sandbox", "journal", *size]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def asked_of(announced, what):
    """Return a document of the journal's control door."""
    with urllib.request.urlopen(f"{announced['control']}/{what}") as answer:
        return json.load(answer)


def configure(folder, announced):
    """Write settings and secrets for an announced journal; every read stays good for the whole test."""
    secrets = {"devkey": announced["devkey"], "master": os.urandom(32).hex()}
    accounts = ""
    for account in (account for account in announced["accounts"] if account["role"] != "parent"):
        name = account["name"]
        secrets[name] = account["password"]
        accounts += f'[[schools.source.accounts]]\nname = "{name}"\nlogin = "{name}"\npassword = "file:{name}"\n'
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    feeds = "\n".join(f"[feeds.{feed}]\nevery_minutes = 1440" for feed in FEEDS)
    where = {"base_url": announced["base_url"], "vendor": announced["vendor"]}
    (folder / "ejsync.toml").write_text(CONFIG.format(feeds=feeds, accounts=accounts, **where))


def verb(folder, *arguments):
    """Start a verb as a process of its own; what it prints goes to a file."""
    command = [sys.executable, "-m", "ejsync", "--config", str(folder / "ejsync.toml"), "--lang", "en", *arguments]
    with (folder / "shown").open("ab") as shown:
        return subprocess.Popen(command, stdout=shown, stderr=subprocess.STDOUT)


def killed_after(process, announced, requests):
    """Kill a process once the journal has answered so many requests."""
    deadline = time.monotonic() + 300
    while asked_of(announced, "requests")["total"] < requests:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGKILL)
    process.wait()


def pieces(question):
    """List whose days a question asks for, one by one."""
    first, _, last = question["days"].partition("-")
    day, end = map(date.fromisoformat, (first, last or first))
    who = question.get("student", question.get("class", "")).split(",")
    found = []
    while day <= end:
        found += [(question["method"], one, day) for one in who]
        day += timedelta(days=1)
    return found


def repeated(questions):
    """Count the questions that ask again for a day of somebody of whom it was asked before."""
    seen, again = set(), 0
    for question in questions:
        if question["method"] in DATED:
            wanted = pieces(question)
            again += any(piece in seen for piece in wanted)
            seen.update(wanted)
    return again


def live(folder):
    """Count the live records of the store by kind."""
    with closing(sqlite3.connect(folder / "ejsync.db")) as store:
        return dict(store.execute("SELECT kind, count(*) FROM record WHERE NOT gone GROUP BY kind"))


@pytest.mark.slow
def test_a_year_of_600_pupils_killed_twice_resumes_and_reads_no_page_twice_but_the_one_under_way(tmp_path):
    """After each kill at most one question is asked again, and in the end every day of everybody was read."""
    order = ("sync", "--from", FIRST, "--to", LAST, *ORDERED)
    with journal() as announced:
        configure(tmp_path, announced)
        assert verb(tmp_path, "sync", "--feed", "roster").wait(120) == 0
        for requests in KILLED_AFTER:
            killed_after(verb(tmp_path, *order), announced, requests)
        assert verb(tmp_path, *order).wait(900) == 0, (tmp_path / "shown").read_text()
        questions, state = asked_of(announced, "questions"), asked_of(announced, "state")
        counted = asked_of(announced, "requests")["by_method"]
    found = live(tmp_path)
    print(f"{len(questions)} requests, {repeated(questions)} repeated after {len(KILLED_AFTER)} kills; {found}")
    assert repeated(questions) <= len(KILLED_AFTER)
    assert counted["auth"] == len([one for one in announced["accounts"] if one["role"] != "parent"])
    assert found["mark"] + found["absence"] == sum(bool(mark["value"].strip()) for mark in state["marks"])
    assert found["homework"] == len(state["homework"])
    assert found["final_mark"] == len(state["finals"])
    assert found["calendar_day"] == len(state["days"])
