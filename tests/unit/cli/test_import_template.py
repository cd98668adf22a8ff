"""`import template`: sheets to fill in."""

import pytest

from ejsync import sheets
from ejsync.cli.import_template import _EXAMPLE, _MEANING, explained
from ejsync.domain.office import OfficeKind
from ejsync.domain.office_sheets import COLUMNS, parse
from tests.doubles.office import furnish, grid, school
from tests.doubles.world import World


@pytest.fixture
def furnished(home):
    """A folder whose store knows the invented school."""
    furnish(made := World(home / "state"))
    made.close()
    return home


@pytest.mark.parametrize("kind", OfficeKind)
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_template_has_its_heads_and_its_pupils_without_names(furnished, run, kind, ending):
    """Number and class of every pupil by class where rows are about pupils; read back it is well and not filled in."""
    file = furnished / f"sheet.{ending}"
    assert run("import", "template", kind.value, file).exit_code == 0
    (heads, *rows) = [cells for _, cells in sheets.read(file.read_bytes()).rows]
    assert heads == tuple(column.heads[0] for column in COLUMNS[kind])
    if kind is OfficeKind.CURRICULUM:
        assert rows == []
        return
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("2003", None, "5Б"), ("2004", None, "5Б"), ("2001", None, "10А"), ("2002", None, "10А"),
    ]  # fmt: skip
    sheet = parse(kind, sheets.read(file.read_bytes()), school())
    assert (sheet.faults, sheet.entries, sheet.unfilled) == ((), (), 4)


@pytest.mark.parametrize("kind", OfficeKind)
def test_every_column_is_explained_and_the_example_is_read(kind):
    """The example of the explanations, put into the sheet, is a row without fault."""
    leaf = explained(kind)
    assert [row[0] for row in leaf.rows] == [column.heads[0] for column in COLUMNS[kind]]
    assert all(row[2] for row in leaf.rows)
    cells = [2001 if row[0] == "Номер ученика" else row[3] or None for row in leaf.rows]
    assert parse(kind, grid([row[0] for row in leaf.rows], cells), school()).faults == ()


def test_nothing_is_explained_that_no_sheet_has():
    """Meanings and examples are those of columns."""
    names = {column.name for columns in COLUMNS.values() for column in columns}
    assert set(_MEANING) == names
    assert set(_EXAMPLE) <= names


def test_a_file_that_is_there_is_kept(furnished, run):
    """Only --force overwrites; a dash writes to the terminal; the consents have their template here too."""
    assert run("import", "template", "contact", "c.xlsx").exit_code == 0
    assert run("import", "template", "contact", "c.xlsx").exit_code == 2
    assert run("import", "template", "contact", "c.xlsx", "--force").exit_code == 0
    assert run("import", "template", "curriculum", "-").stdout.startswith("Класс;Предмет;")
    assert run("import", "template", "consent", "-").stdout.startswith("ученик;класс;")


def test_before_the_journal_was_read_there_is_no_template(home, run):
    """Nobody is known yet, and that is said."""
    assert "has not been read yet" in run("import", "template", "contact", "c.xlsx").stderr
