"""Sheets of decisions: compared before they are registered, and handed out empty."""

from datetime import date

import pytest

from ejsync import sheets
from tests.doubles.office import xlsx

HEAD = "ученик;область;решение;кем дано;документ;действует с;действует до\n"
OLD = "1001;результаты;согласие;родитель;1-К;01.09.2026;\n"
NEW = "1002;результаты;согласие;родитель;2-К;01.09.2026;\n"


@pytest.fixture
def sheet(home):
    """Write a sheet of rows."""

    def write(*rows):
        file = home / "sheet.csv"
        file.write_text(HEAD + "".join(rows), encoding="utf-8")
        return file

    return write


def test_a_withdrawn_consent_is_not_revived_by_an_old_sheet(lived, run, ask, sheet):
    """The sheet from before a withdrawal is refused whole, names pupil, day and document, and nothing leaves again."""
    run("consent", "withdraw", lived.pupil, "--yes")
    result = run("consent", "import", sheet(OLD, NEW))
    assert result.exit_code == 2
    assert "consent of pupil 1001 was withdrawn on " in result.stderr
    assert "document № 1-К is the same" in result.stderr
    assert ask("consent", "list")["counts"] == {"withdrawn": 1, "missing": 1}


def test_again_revives_it_knowingly(lived, run, ask, sheet):
    """With --again the family's decision is registered anew, once."""
    run("consent", "withdraw", lived.pupil, "--yes")
    assert ask("consent", "import", sheet(OLD), "--again")["new"] == 1
    assert ask("consent", "list")["counts"]["granted"] == 1
    assert ask("consent", "import", sheet(OLD), "--again")["already_known"] == 1


def test_a_replaced_decision_is_not_revived_either(lived, run, ask, sheet):
    """A consent that a refusal has replaced stays replaced when its sheet comes again."""
    run("consent", "import", sheet(OLD.replace("согласие", "отказ").replace("1-К", "7-К")))
    result = run("consent", "import", sheet(OLD))
    assert (result.exit_code, "was replaced on" in result.stderr) == (2, True)
    assert ask("consent", "list")["counts"]["refused"] == 1


def test_what_is_registered_already_is_passed_over(lived, run, ask, sheet):
    """A row that equals a standing decision is counted as known and registered no second time."""
    told = ask("consent", "import", sheet(OLD, NEW))
    assert (told["new"], told["already_known"], told["in_effect_now"]) == (1, 1, 1)
    assert len(ask("consent", "show", lived.pupil)["decisions"]) == 1
    before = len(ask("audit", "tail")["events"])
    assert "registered already" in run("consent", "import", sheet(OLD, NEW)).stdout
    assert len(ask("audit", "tail")["events"]) == before


def test_only_what_holds_today_is_called_valid(lived, run, sheet):
    """A decision of the future is announced with its first day, one of the past as expired."""
    future = NEW.replace("01.09.2026", "01.09.2090")
    past = "1003;результаты;согласие;родитель;3-К;01.09.2020;31.12.2020\n"
    shown = run("consent", "import", sheet(future, past)).stdout
    assert "not yet, from 01.09.2090 on: 1" in shown
    assert "expired already: 1" in shown
    assert "valid today" not in shown


def test_a_journal_that_was_never_read_is_one_sentence(home, run, sheet):
    """Before the first read of the roster one line says what to do first, however many pupils there are."""
    result = run("consent", "import", sheet(OLD, NEW))
    assert (result.exit_code, result.stderr.count("has not been read yet")) == (0, 1)
    assert "no pupil" not in result.stderr
    assert run("consent", "import", sheet(OLD, NEW), "--strict").exit_code == 2
    assert "has not been read yet" in run("consent", "template").stderr


def test_a_few_strangers_are_named_and_the_rest_counted(lived, run, sheet):
    """Of many unknown pupils ten are named."""
    rows = [NEW.replace("1002", str(number)) for number in range(5001, 5014)]
    told = run("consent", "import", sheet(*rows)).stderr
    assert (told.count("has no pupil"), "and 3 more" in told) == (10, True)


def test_a_template_is_read_back_by_the_import(lived, run, ask):
    """The empty sheet has a row for each pupil, no names, and once filled in it is imported as it is."""
    assert run("consent", "template").exit_code == 0
    file = lived.home / "consents.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    head, *rows = file.read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(";")[:2] for row in rows] == [["1001", "10А"], ["1002", "10А"]]
    assert {row.count(";") for row in rows} == {head.count(";")}
    assert run("consent", "template").exit_code == 2
    assert run("consent", "template", "-").stdout.splitlines() == [head, *rows]
    filled = "1002;10А;результаты;согласие;родитель;2-К;01.09.2026;"
    file.write_text(f"{head}\n{filled}\n", encoding="utf-8-sig")
    assert ask("consent", "import", file)["new"] == 1


def test_a_spreadsheet_is_imported_and_handed_out(lived, run, ask):
    """An XLSX template offers the words of each column; filled in it is imported, also from a sheet that is named."""
    assert run("consent", "template", "consents.xlsx").exit_code == 0
    (heads, *rows) = [cells for _, cells in sheets.read((lived.home / "consents.xlsx").read_bytes()).rows]
    assert [row[:2] for row in rows] == [("1001", "10А"), ("1002", "10А")]
    filled = xlsx(heads, (1002, None, "Результаты", "согласие", "родитель", "2-К", date(2026, 9, 1), None))
    two = xlsx(heads, further=(("10А", [heads, (1002, None, "результаты", "отказ", "родитель", "3-К", 46266)]),))
    for name, content in (("one.xlsx", filled), ("two.xlsx", two)):
        (lived.home / name).write_bytes(content)
    assert ask("consent", "import", "one.xlsx")["counts"] == {"results.granted": 1}
    assert "--sheet" in run("consent", "import", "two.xlsx").stderr
    assert ask("consent", "import", "two.xlsx", "--sheet", "10а")["counts"] == {"results.refused": 1}


def test_a_bad_cell_of_a_spreadsheet_is_named_by_its_address(lived, run):
    """Row, head and address are told, what stands there is not."""
    heads = HEAD.strip().split(";")
    (lived.home / "bad.xlsx").write_bytes(xlsx(heads, ("Никто", "результаты", "согласие", "родитель", 1, "завтра")))
    told = run("consent", "import", "bad.xlsx").stderr
    assert "A2, row 2, column “ученик”" in told
    assert "F2, row 2, column “действует с”" in told
    assert "Никто" not in told
