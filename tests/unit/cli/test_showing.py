"""What verbs print."""

import io
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ejsync.cli import showing
from ejsync.wording import use_language


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


@pytest.fixture(autouse=True)
def _english():
    """Speak English."""
    use_language("en")


def test_a_pipe_gets_no_codes_and_is_not_cut(capsys):
    """Long cells stay whole, lines have no trailing spaces, styles leave nothing behind."""
    showing.table(["Name", "Count"], [[("x" * 120, "red"), 5], ["y", 1000]])
    showing.line("well", "green")
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "x" * 120 in out
    assert all(line == line.rstrip() for line in out.splitlines())


def test_numbers_stand_to_the_right(capsys):
    """A column of numbers is aligned at its end, a dash among them too; words at their beginning."""
    showing.table(["Count", "Word"], [[5, "a"], [1000, "b"], ["-", "c"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:] == ["    5  a", " 1000  b", "    -  c"]


@pytest.mark.parametrize(("variable", "codes"), [("", True), ("1", False)])
def test_no_color_is_obeyed_on_a_terminal(monkeypatch, variable, codes):
    """NO_COLOR with any value silences every code; empty, it means nothing."""
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("NO_COLOR", variable)
    monkeypatch.setenv("TERM", "xterm-256color")
    showing.line("well", "green")
    showing.table(["Name"], [[("x", "red")]])
    showing.marked("✓", "done", "green")
    assert ("\x1b" in sys.stdout.getvalue()) is codes


def test_a_document_is_true_in_any_encoding(monkeypatch):
    """Where Russian letters do not fit they are escaped, not spelt otherwise."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1251")
    monkeypatch.setattr(sys, "stdout", stream)
    moment = datetime(2026, 9, 1, tzinfo=UTC)
    showing.document({"a": "№ → Я", "b": moment, "c": date(2026, 9, 1), "d": Path("x"), "e": {"z", "a"}})
    stream.flush()
    told = json.loads(stream.buffer.getvalue().decode("ascii"))
    wanted = {"a": "№ → Я", "b": "2026-09-01T00:00:00Z", "c": "2026-09-01", "d": "x", "e": ["a", "z"]}
    assert told == wanted


def test_what_nobody_knows_is_no_json():
    """An unknown value is a bug, not a guess."""
    with pytest.raises(TypeError):
        showing.jsonable(object())


@pytest.mark.parametrize(("seconds", "text"), [(None, "-"), (5, "5 s"), (65, "1 min"), (7300, "2 h"), (200_000, "2 d")])
def test_an_age_is_told_in_its_largest_unit(seconds, text):
    """Seconds, minutes, hours, days; a dash for never."""
    assert showing.age(seconds) == text


def test_an_instant_is_told_by_the_schools_clock():
    """The zone is the school's; a dash for none."""
    assert showing.local(datetime(2026, 9, 1, 21, tzinfo=UTC), ZoneInfo("Asia/Omsk")) == "2026-09-02 03:00"
    assert showing.local(None, ZoneInfo("Asia/Omsk")) == "-"


def test_tables_on_an_ascii_terminal_are_ascii(monkeypatch):
    """The line below the heads is made of what the encoding has."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1251")
    monkeypatch.setattr(sys, "stdout", stream)
    showing.table(["Имя"], [["Я"]])
    stream.flush()
    assert stream.buffer.getvalue().decode("cp1251").splitlines() == ["Имя", "---", "Я"]


def test_facts_are_aligned(capsys):
    """Values stand below one another."""
    showing.facts({"Batch": "1", "Sink": "ed"})
    assert capsys.readouterr().out.splitlines() == ["Batch  1", "Sink   ed"]
