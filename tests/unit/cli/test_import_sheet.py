"""`import KIND`: preview, question, import; or every bad cell and nothing."""

from datetime import date

import pytest

from tests.doubles.office import csv, furnish, repacked, xlsx
from tests.doubles.world import World

HEADS = ("Номер ученика", "ФИО", "Класс", "Чей контакт", "Способ связи", "Адрес или номер", "Согласованная форма",
         "Действует с")  # fmt: skip
MOTHER = (2001, None, None, "мать", "e-mail", "family@example.org", "электронная", date(2026, 9, 1))
FATHER = (None, "Образцов Пётр", "10А", "отец", "СМС", "8 900 123-45-67", "электронная", "01.09.2026")


@pytest.fixture
def school(home):
    """A folder whose store knows the invented school."""
    furnish(made := World(home / "state"))
    made.close()
    return home


@pytest.fixture
def sheet(school):
    """Write an XLSX sheet of contacts."""

    def write(*rows, name="contacts.xlsx", heads=HEADS, **how):
        (school / name).write_bytes(xlsx(heads, *rows, **how))
        return name

    return write


def test_a_dry_run_shows_rows_and_names_and_takes_in_nothing(run, ask, sheet):
    """The terminal shows whom each row means; the store stays as it is."""
    shown = run("import", "contact", sheet(MOTHER, FATHER), "--dry-run").stdout
    assert "Ёжикова Алёна Семёновна" in shown
    assert "new 2, changed 0, unchanged 0" in shown
    assert "family@example.org" not in shown
    assert "Nothing was taken in" in shown
    assert ask("import", "list") == {"imports": []}


def test_rows_are_taken_in_and_then_known(run, ask, sheet):
    """New rows first, one changed later with the head of what differs, and the same file once more does nothing."""
    told = ask("import", "contact", sheet(MOTHER, FATHER), "--yes")
    assert (told["imported"], told["number"], told["counts"]) == (True, 1, {"new": 2, "changed": 0, "same": 0})
    assert [one["key"] for one in told["entries"]] == ["2001/mother/email", "2002/father/sms"]
    other = (*MOTHER[:5], "other@example.org", *MOTHER[6:])
    shown = run("import", "contact", sheet(other, FATHER), "--yes").stdout
    assert "differs: Адрес или номер" in shown
    assert "import No. 2" in shown
    assert "live already" in run("import", "contact", sheet(other, FATHER), "--yes").stdout
    assert len(ask("import", "list")["imports"]) == 2


def test_a_no_takes_in_nothing(run, ask, sheet, monkeypatch):
    """Asked on a terminal and refused, nothing is kept; where nobody can be asked --yes must say so."""
    assert run("import", "contact", sheet(MOTHER)).exit_code == 2
    monkeypatch.setattr("ejsync.cli.speaking.on_terminal", lambda: True)
    assert "Nothing was done." in run("import", "contact", sheet(MOTHER), answer="n\n").stderr
    assert ask("import", "list") == {"imports": []}


def test_every_bad_cell_is_named_by_its_address_and_nothing_is_taken_in(run, ask, sheet):
    """One bad row stops the whole file; no name and no address is repeated."""
    bad = (None, "Никто Никак", "10А", "тётя", "e-mail", "где-то", "электронная", "1/9/26")
    result = run("import", "contact", sheet(MOTHER, bad), "--yes")
    assert result.exit_code == 2
    assert [place in result.stderr for place in ("B3,", "D3,", "F3,", "H3,")] == [True] * 4
    assert not any(word in result.output for word in ("Никто", "тётя", "где-то", "family@"))
    assert ask("import", "contact", sheet(MOTHER, bad), "--yes", code=2)["code"] == "EJ-801"
    assert ask("import", "list") == {"imports": []}


def test_namesakes_are_asked_about(run, sheet):
    """Of two pupils of one name in one class neither is taken."""
    told = run("import", "contact", sheet((None, "Примерный Иван", "5Б", *MOTHER[3:])), "--yes").stderr
    assert "the number of the one who is meant: 2003, 2004" in told
    assert "Примерный" not in told


def test_a_column_of_reasons_stops_a_sheet_of_deferrals(run, sheet):
    """Why somebody is put off is never taken in."""
    heads = ("Номер ученика", "Период", "Состояние", "Отсрочка до", "Документ", "Причина")
    row = (2001, "1 четверть", "отсрочка", "15.11.2026", "Приказ № 12", "секрет")
    result = run("import", "deferral", sheet(row, heads=heads), "--yes")
    assert (result.exit_code, "F1: a column of reasons" in result.stderr, "секрет" in result.output) == (2, True, False)


def test_the_other_kinds_are_taken_in_too(school, ask):
    """A plan from a CSV in Windows-1251, a deferral, a recommendation for a class."""
    files = {
        "curriculum": csv(
            ("Класс", "Предмет", "Период", "Часы"), ("10А", "алгебра", "I четверть", 34), encoding="cp1251"
        ),
        "deferral": csv(("Ученик", "Период", "Решение", "До", "Приказ"), (2001, "год", "освобождение", "", "№ 1")),
        "recommendation": csv(("Класс", "Дата", "Учитель", "Текст"), ("5б", "16.11.2026", "Пробная М.", "Читать")),
    }
    keys = {"curriculum": "10А/2026/Алгебра/-/p1", "deferral": "2001/2026/-/year",
            "recommendation": "class:5Б/2026-11-16/-/"}  # fmt: skip
    for kind, content in files.items():
        (school / "sheet.csv").write_bytes(content)
        told = ask("import", kind, "sheet.csv", "--yes")
        assert [one["key"].startswith(keys[kind]) for one in told["entries"]] == [True]
        assert "Пробная" not in str(told)


def test_what_was_passed_over_is_said(run, ask, sheet):
    """Columns nobody knows, rows not filled in, and how many rows the screen does not show."""
    heads = (*HEADS, "Примечание")
    name = sheet((*MOTHER, "x"), (*FATHER, None), (2003, None, "5Б"), heads=heads)
    result = run("import", "contact", name, "--dry-run", "--limit", "1")
    assert "passed over: I" in result.stderr
    assert "not filled in: 1 row" in result.stderr
    assert "1 more" in result.stdout
    told = ask("import", "contact", name, "--dry-run")
    assert (told["columns_passed_over"], told["unfilled"], told["hidden_sheets"]) == (["I"], 1, 0)


def test_before_the_journal_was_read_one_sentence_says_what_to_do(home, run):
    """Without a roster nobody can be recognised."""
    (home / "c.xlsx").write_bytes(xlsx(HEADS, MOTHER))
    result = run("import", "contact", "c.xlsx", "--dry-run")
    assert (result.exit_code, "has not been read yet" in result.stderr) == (2, True)


def test_hidden_sheets_are_said_to_be_left_out(school, run, sheet):
    """Whoever hid a sheet is told that it was not read."""
    file = school / sheet(MOTHER, further=(("Старое", (HEADS,)),))
    hide = lambda data: data.replace(b'sheetId="2" ', b'sheetId="2" state="hidden" ')  # noqa: E731 - said once
    file.write_bytes(repacked(file.read_bytes(), "xl/workbook.xml", hide))
    assert "hidden sheets are not read: 1" in run("import", "contact", file, "--dry-run").stderr


def test_the_preview_is_in_russian_too(sheet, run):
    """The same sheet, the other language: heads, words and faults."""
    from click.testing import CliRunner

    from ejsync.cli.entry import cli

    result = CliRunner().invoke(cli, ["--lang", "ru", "import", "contact", sheet(MOTHER), "--dry-run"])
    assert result.exit_code == 0
    assert "Ёжикова" in result.stdout
