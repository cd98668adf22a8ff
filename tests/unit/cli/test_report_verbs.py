"""`report`."""

import csv
import io
import stat

import click
import pytest

from ejsync import sheets
from ejsync.cli.report_verbs import wanted_form
from tests.doubles import paper_class
from tests.doubles.world import World


@pytest.fixture
def school(home):
    """A folder with settings and a store that knows a class; one of its pupils is called by a formula."""
    world = World(home / "state")
    people = (("2001", "=1+1", "@Анна", None), *paper_class.PEOPLE[1:])
    paper_class.keep(world, paper_class.class_records(people=people, more=[paper_class.final()]))
    world.close()
    return home


@pytest.mark.parametrize("kind", ["statistics", "forecast", "summary"])
def test_a_table_fits_eighty_columns(school, run, kind):
    """Title, table, what explains it; no line of the tables is longer than a terminal."""
    result = run("report", kind, "--class", "10а")
    assert result.exit_code == 0, result.output
    table = [line for line in result.stdout.splitlines() if "  " in line]
    assert "10А · 1 полугодие" in result.stdout
    assert max(map(len, table)) <= 80


@pytest.mark.parametrize("kind", ["statistics", "forecast", "summary"])
@pytest.mark.parametrize("ending", ["csv", "xlsx", "pdf"])
def test_a_file_is_written_for_its_owner_only(school, run, kind, ending):
    """By the name of the file; nobody else may read it; a second time only with --force."""
    path = school / f"report.{ending}"
    words = ("report", kind, "--class", "10А", "--out", path)
    assert run(*words).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes()[:4] in {b"PK\x03\x04", b"%PDF", "\ufeff".encode() + path.read_bytes()[3:4]}
    assert run(*words).exit_code == 2
    assert run(*words, "--force").exit_code == 0


def test_a_formula_in_a_name_stays_text(school, run):
    """In CSV it stands behind an apostrophe, in XLSX it is a text and no formula."""
    told = run("report", "forecast", "--class", "10А", "--format", "csv").stdout
    names = {row[1] for row in csv.reader(io.StringIO(told), delimiter=";")}
    assert "'=1+1 @Анна" in names
    path = school / "forecast.xlsx"
    run("report", "forecast", "--class", "10А", "--out", path)
    grid = sheets.read(path.read_bytes())
    assert "=1+1 @Анна" in {cells[1] for _, cells in grid.rows}
    assert grid.faults == ()


def test_json_is_one_document(school, ask):
    """With the class, the period and, if a file was written, where."""
    told = ask("report", "summary", "--class", "10А", "--out", "s.csv")
    assert (told["class"], told["period"]["period"], told["written"], told["complete"]) == ("10А", "p1", "s.csv", False)


def test_an_unknown_class_or_period_names_the_known_ones(school, ask):
    """EJ-802 with what may stand there."""
    assert ask("report", "summary", "--class", "9Ю", code=2)["next_step"] == "--class with one of: 10А"
    told = ask("report", "summary", "--class", "10А", "--period", "p9", code=2)
    assert "p1 (1 полугодие)" in told["next_step"]


def test_form_and_file_must_fit():
    """A form without its file, a file of another form, a file of none: each is a wrong use."""
    from pathlib import Path

    assert [wanted_form(None, None), wanted_form("csv", None), wanted_form(None, Path("a.PDF"))] == [
        "table",
        "csv",
        "pdf",
    ]
    for form, out in (
        ("pdf", None),
        ("xlsx", None),
        ("csv", Path("a.pdf")),
        (None, Path("a.doc")),
        ("table", Path("a")),
    ):
        with pytest.raises(click.UsageError):
            wanted_form(form, out)
