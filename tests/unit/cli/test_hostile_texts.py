"""What other people wrote, end to end through the command line: shown, never obeyed."""

import csv
import io
import os
import pty
import re
import sys
import zipfile

import pytest

from ejsync import sheets
from ejsync.cli import showing
from ejsync.cli.legible import visible, visible_json
from ejsync.sheets.delimited import read_text, text_lines
from ejsync.sheets.written import Head, Leaf, workbook
from tests.doubles import paper_class
from tests.doubles.hostile_texts import EVERY, FORMULAS, MARKUP, STEERING
from tests.doubles.world import World

STEERS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_OURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def school(home):
    """A store that knows a class in which one pupil is called by every hostile text."""
    world = World(home / "state")
    called = ("2001", "Тестова" + "".join(STEERING.values()), "".join(MARKUP), None)
    paper_class.keep(world, paper_class.class_records(people=(called, *paper_class.PEOPLE[1:])))
    world.close()
    return home


@pytest.mark.parametrize("words", [("report", "forecast", "--class", "10А"), ("report", "summary", "--class", "10А")])
@pytest.mark.parametrize("form", [(), ("--json",), ("--lang", "ru")])
def test_no_verb_lets_a_name_steer_the_terminal(school, run, words, form):
    """Tables and documents show such a name as text, in both languages."""
    result = run(*words, *form)
    assert result.exit_code == 0, result.output
    assert STEERS.search(result.output) is None
    assert ("Тестова\\x1b" in result.output) or ("Тестова\\u001b" in result.output)


def test_a_name_given_by_an_operator_does_not_steer_either(school, run):
    """An error that repeats what was typed shows it."""
    result = run("report", "summary", "--class", STEERING["clear the screen"])
    assert result.exit_code == 2
    assert STEERS.search(result.output) is None


@pytest.mark.parametrize("text", EVERY)
def test_a_terminal_gets_our_own_codes_only(monkeypatch, text):
    """On a real terminal, coloured, in a table, a line, a sign and a fact: nothing but colours of ours is obeyed."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, its = pty.openpty()
    with os.fdopen(its, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        showing.table(["A", "B"], [[text, (text, showing.BAD)]])
        showing.line(text, showing.BAD)
        showing.line(text)
        showing.marked("+", text, showing.GOOD)
        showing.facts({"Key": text})
        stream.flush()
        shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert STEERS.search(_OURS.sub("", shown).replace("\r\n", "\n")) is None


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_shown_as_it_was_written(capsys, text):
    """Neither a table nor a line makes colours or links of brackets."""
    showing.table(["A"], [[text]])
    showing.line(text)
    assert capsys.readouterr().out.count(text) == 2


def test_ends_of_lines_and_letters_stay_as_they_are():
    """What is shown of a harmless text is the text."""
    text = "Ёж\n№ 7 — «наш» 👩‍👧"
    assert visible(text) == visible_json(text) == text


@pytest.mark.parametrize("text", EVERY)
def test_a_document_says_the_same_with_its_escapes(capsys, text):
    """JSON read back is what was meant, and shows nothing that steers."""
    showing.document({"text": text})
    printed = capsys.readouterr().out
    assert STEERS.search(printed) is None
    assert showing.json.loads(printed) == {"text": text}


@pytest.mark.parametrize("text", EVERY)
def test_a_sheet_holds_texts(text):
    """In CSV what looks like a formula stands behind an apostrophe, in XLSX nothing is anything but a text."""
    (line,) = text_lines([["x", text]])
    cell = next(csv.reader(io.StringIO(line, newline=""), delimiter=";"))[1]
    assert cell.strip()[:1] not in {"=", "+", "-", "@", "＝"}
    assert cell[:1] not in {"\t", "\r", "\n"}
    sheet = zipfile.ZipFile(io.BytesIO(workbook([Leaf("A", [Head("h")], [(text,)])]))).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_text_of_two_lines_is_one_cell(end):
    """The second line of a homework never begins a row of its own, in which a formula would stand unguarded."""
    written = "\r\n".join(text_lines([["h", "i"], [f"a{end}=1+1", "b"]]))
    assert list(csv.reader(io.StringIO(written, newline=""), delimiter=";")) == [["h", "i"], [f"a{end}=1+1", "b"]]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_was_written_comes_back(text):
    """Reading takes the apostrophe off: a sheet handed back means what it meant."""
    written = "\n".join(text_lines([["h"], [text]]))
    assert read_text(written.encode()).rows[1][1] == (text.strip(),)
    made = workbook([Leaf("A", [Head("h")], [(text,)])])
    assert sheets.read(made).rows[1][1][0].strip() == text.strip()
